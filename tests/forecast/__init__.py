"""Tests of lastack.forecast."""
