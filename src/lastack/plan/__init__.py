"""What to change, why, and in which form other tools take it. No I/O."""
