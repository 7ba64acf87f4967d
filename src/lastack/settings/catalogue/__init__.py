"""The catalogue of settings: one file a family, and the table of them all in ``rows``."""
