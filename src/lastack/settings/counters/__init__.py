"""The table of counters."""
