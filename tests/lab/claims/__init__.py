"""Tests of lastack.lab.claims."""
