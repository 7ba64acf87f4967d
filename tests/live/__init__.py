"""Tests of live traces: they need root (or CAP_PERFMON), and tracefs."""
