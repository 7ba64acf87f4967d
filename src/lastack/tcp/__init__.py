"""TCP itself: states and their names. No I/O."""
