"""Saved output of netstat, ss and /proc/net/tcp, told apart by itself. ``lastack.text.read`` is the way in."""
