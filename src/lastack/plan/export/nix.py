"""A NixOS module that sets ``boot.kernel.sysctl``."""

import re

from lastack.plan.export.comments import head
from lastack.plan.plan import Plan

__all__ = ["render"]

_INTEGER = re.compile(r"0|[1-9][0-9]{0,17}")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "$": "\\$", "\t": "\\t"})


def render(plan: Plan) -> str:
    """The module."""
    rows = [f"    {_string(key)} = {_value(value)};" for key, value in plan.settings]
    return "\n".join([*head(plan), "{", "  boot.kernel.sysctl = {", *rows, "  };", "}", ""])


def _value(value: str) -> str:
    return value if _INTEGER.fullmatch(value) else _string(value)


def _string(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
