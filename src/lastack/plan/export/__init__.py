"""A plan's settings in the form that other tools take: one file a format, and the table of them in ``formats``."""
