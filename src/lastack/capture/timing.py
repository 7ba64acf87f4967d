"""How long a connection that has ended is remembered."""

__all__ = ["LINGER_NS"]

# What comes this long after both sides had closed, or one had reset, belongs to no connection of before (Zeek's
# tcp_close_delay; its tcp_reset_delay is shorter).
LINGER_NS = 5_000_000_000
