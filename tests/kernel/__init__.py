"""Tests of lastack.kernel."""
