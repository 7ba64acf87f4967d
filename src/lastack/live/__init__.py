"""What sockets of the running kernel do, told event by event, made into connections."""
