"""``python -m lastack``."""

from lastack.cli.main import main

if __name__ == "__main__":
    main()
