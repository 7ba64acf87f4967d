"""Tests of lastack.settings."""
