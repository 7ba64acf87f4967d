"""Tests of lastack.capture."""
