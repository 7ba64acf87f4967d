"""Workloads in a TOML file: one table each, whole or like another with differences.

[checkout]
like = "one-destination"
about = "Our checkout: 300 requests a second, its own port range."
settings = { "net.ipv4.ip_local_port_range" = "20000 29999" }
knobs = { rate = 300, seconds = 5 }
"""

import tomllib
from typing import Any

from msgspec import ValidationError, convert
from msgspec.structs import asdict

from lastack.errors import InputError, UsageError
from lastack.lab.workloads.table import WORKLOADS
from lastack.lab.workloads.workload import Workload

__all__ = ["named", "workloads_in"]


def named(name: str) -> Workload:
    """A workload that comes with lastack. Raises UsageError: ``no-such-workload``."""
    if name not in WORKLOADS:
        raise UsageError("no-such-workload", f"there is no workload {name!r}", f"there are {', '.join(WORKLOADS)}")
    return WORKLOADS[name]


def workloads_in(content: bytes, name: str) -> dict[str, Workload]:
    """The workloads of a file, in its order.

    Args:
        content: all of it.
        name: of the file, in errors.

    Raises:
        InputError: ``bad-workload-file``, naming the table and what was expected there.
    """
    try:
        tables = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("bad-workload-file", f"{name}: {error}", "expected TOML") from None
    if not tables:
        raise InputError("bad-workload-file", f"{name} has no workload", "expected a table for each")
    return {title: _workload(table, f"{name}: [{title}]") for title, table in tables.items()}


def _workload(table: object, where: str) -> Workload:
    if not isinstance(table, dict):
        raise InputError("bad-workload-file", f"{where}: expected a table")
    values: dict[str, Any] = dict(table)
    like = values.pop("like", None)
    try:
        base = {} if like is None else asdict(named(str(like)))
        merged = {**base, **values}
        for part in ("knobs", "settings"):
            own = values.get(part, {})
            if not isinstance(own, dict):
                raise InputError("bad-workload-file", f"{where}: {part}: expected a table")
            inherited = base.get(part, {})
            merged[part] = {**(inherited if isinstance(inherited, dict) else asdict(inherited)), **own}
        return convert(merged, Workload)
    except (ValidationError, UsageError) as error:
        raise InputError("bad-workload-file", f"{where}: {error}") from None
