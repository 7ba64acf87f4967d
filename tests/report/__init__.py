"""Tests of lastack.report."""
