"""Workloads: what a host under test is put through, and the programs that do it."""
