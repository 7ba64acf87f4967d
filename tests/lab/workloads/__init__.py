"""Tests of lastack.lab.workloads."""
