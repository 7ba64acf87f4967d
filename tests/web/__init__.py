"""Tests of the page on a host."""
