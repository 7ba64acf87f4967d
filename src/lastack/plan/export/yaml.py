"""Strings of YAML: always in double quotes, so that none is read as a number, a boolean or anything else."""

import json

__all__ = ["quoted"]


def quoted(text: str) -> str:
    r"""The text in double quotes. A JSON string of ASCII is a YAML string too (YAML 1.2 section 1.3).

    >>> quoted('a "b"')
    '"a \\"b\\""'
    """
    return json.dumps(text)
