"""Mirrors src/lastack; `kernel` and `lab` need a network stack of their own, `property` states laws."""
