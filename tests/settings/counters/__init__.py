"""Mirrors src/lastack/settings/counters."""
