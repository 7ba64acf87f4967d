"""Experiments: the same load with and without a change, run by run, and what may be said of the difference."""
