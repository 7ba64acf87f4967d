"""Settings, counters and states as tables, one row each; sysctl files; lint. No I/O."""
