"""Tests of lastack.tcp."""
