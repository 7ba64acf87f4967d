"""Tests of lastack.plan."""
