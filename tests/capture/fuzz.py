"""Fuzzes the reader of captures, guided by coverage; needs atheris, which is no dependency.

    pip install atheris
    python -m tests.capture.fuzz -max_len=6000 -max_total_time=3600 CORPUS

CORPUS is a folder of captures, each with one octet before it that says how to read it (``any_octets``).
"""

import sys

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["lastack"]):
    from tests.capture.any_octets import check

if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
