"""Mirrors src/lastack/settings/catalogue."""
