"""Reports: HTML files that need no network, no script and no other file."""
