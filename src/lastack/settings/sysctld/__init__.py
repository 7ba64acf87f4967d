"""sysctl.conf and sysctl.d: the grammar of the files, which of them are read, which line wins."""
