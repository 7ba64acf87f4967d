"""The only place that asks the kernel: sock_diag, /proc, sysctl files, namespaces."""
