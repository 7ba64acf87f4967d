"""Tests of lastack.tune."""
