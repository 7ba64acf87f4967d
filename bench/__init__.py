"""Side by side with the tools that one would otherwise use: whole processes, start-up included."""
