"""Mirrors src/lastack/settings/states."""
