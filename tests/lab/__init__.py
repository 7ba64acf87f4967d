"""Tests of lastack.lab."""
