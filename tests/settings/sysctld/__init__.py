"""Mirrors src/lastack/settings/sysctld."""
