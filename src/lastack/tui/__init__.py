"""The terminal view: what TCP does on this host, live or out of a recording, in 80 columns or more."""
