"""Hosts that are sick on purpose, and hosts that only look it: a file a family."""
