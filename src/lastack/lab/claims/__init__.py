"""Claims: what is said about a setting, each with a source and an experiment that runs it on this kernel."""
