"""Tests of lastack.cli."""
