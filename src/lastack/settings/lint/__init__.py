"""Lint: what a line of a sysctl file does on a kernel, beside other lines, on a host."""
