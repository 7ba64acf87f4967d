"""Tests of lastack.lab.experiment."""
