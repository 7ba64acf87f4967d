"""``python -m docs.generate`` writes the generated pages; ``--check`` says how they differ, and exits with 1 if so."""

import argparse
import sys

from docs.generate.pages import PAGES, REFERENCE, drift

__all__: list[str] = []


def _main() -> int:
    parser = argparse.ArgumentParser("python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; print what would change")
    if parser.parse_args().check:
        changes = "".join(drift(name) for name in PAGES)
        sys.stdout.write(changes)
        return int(bool(changes))
    for name, page in PAGES.items():
        (REFERENCE / name).parent.mkdir(parents=True, exist_ok=True)
        (REFERENCE / name).write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
