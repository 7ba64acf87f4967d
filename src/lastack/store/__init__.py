"""Recordings: samples over time in one file."""
