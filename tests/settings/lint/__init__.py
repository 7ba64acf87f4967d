"""Mirrors src/lastack/settings/lint."""
