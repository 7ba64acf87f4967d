"""What Linux TCP is doing on a host, whether that is a problem, and what would fix it."""

__all__ = ["__version__"]

__version__ = "0.1.0"
