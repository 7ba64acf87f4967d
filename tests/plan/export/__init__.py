"""Tests of lastack.plan.export."""
