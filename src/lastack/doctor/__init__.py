"""One rule per file: Model in, finding, healthy or cannot tell out. No I/O."""
