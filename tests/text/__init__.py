"""Tests of lastack.text."""
