"""The page on a host: what TCP does there, alive, in a browser; and its metrics. Nothing on it changes a host."""
