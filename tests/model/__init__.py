"""Tests of lastack.model."""
