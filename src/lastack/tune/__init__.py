"""Changing a host: apply, journal, confirm, guard, roll back. Nothing else of lastack writes a setting."""
