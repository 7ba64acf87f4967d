"""What to write in which application: a file an application, rows in it. No I/O."""
