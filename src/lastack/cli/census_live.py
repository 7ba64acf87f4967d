"""A census of the running kernel: one namespace, another one, or all of them."""

import argparse
import os
from typing import TYPE_CHECKING

from lastack.cli.census_report import Subject
from lastack.errors import RefusedError
from lastack.kernel.census import count_states, take
from lastack.kernel.namespaces import current, enter
from lastack.model.census import Tally

if TYPE_CHECKING:
    from lastack.kernel.naming import Naming

__all__ = ["live"]

_NAMED_BY_LOOKUP = {"process", "cgroup"}


def live(options: argparse.Namespace) -> Subject:
    """Count this namespace, another one, or all.

    Raises:
        InputError: /proc is not what the kernel writes.
        RefusedError: the namespace does not exist, or may not be entered.
    """
    counting = _Counting(options)
    taken_at, kernel = (None, None) if options.like else _when_and_where()
    where = counting.every_namespace() if options.all_netns else counting.one_namespace(options.netns)
    return Subject(
        counting.tally.census(has_timers=counting.has_timers),
        ", ".join(sorted(counting.sources)),
        taken_at,
        kernel,
        where,
        counting.exact,
        counting.warnings(),
    )


def _when_and_where() -> tuple[str, str]:
    from lastack.kernel.host import read_host  # noqa: PLC0415 - `--like` prints neither

    host = read_host()
    return host.taken_at, host.kernel


class _Counting:
    """Pours one namespace after the other into a tally, and remembers how that went."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.tally = Tally(options.by, options.top)
        self.sources: set[str] = set()
        self.exact = True
        self.has_timers = not (options.like or options.counts)
        self._said: list[str] = []
        self._naming: Naming | None = None
        if _NAMED_BY_LOOKUP.intersection(options.by):
            from lastack.kernel import naming  # noqa: PLC0415 - most censuses show no names

            self._naming = naming.Naming()

    def one_namespace(self, target: str | None) -> str:
        """Count it; gives ``net:[inode]``."""
        if target is None:
            return self._count(None, self.tally.most)
        with enter(target):
            return self._count(target, self.tally.most)

    def every_namespace(self) -> str:
        """Count all; those that may not be entered, or have just ended, are said."""
        from lastack.kernel.namespace_list import find_namespaces  # noqa: PLC0415 - only here

        found, hidden = find_namespaces()
        counted = 0
        for namespace in found:
            try:
                with enter(namespace.path):
                    self._count(namespace.label, 0)
                counted += 1
            except RefusedError as error:
                self._said.append(f"namespace {namespace.label} is not counted: {error.message}")
        if hidden:
            self._said.append(_hiding(hidden, "a namespace"))
        return f"{counted} of {len(found)} namespaces"

    def _count(self, name: str | None, most: int) -> str:
        """Count the namespace that the thread is in; ``most`` must be 0 where several are added up."""
        where = current()
        if not self.has_timers:
            taken = count_states(self.tally)
        else:
            names = self._naming.lookup if self._naming else None
            taken = take(self.tally, names, netns=name or where, most=most)
        self.sources.add(taken.source)
        self.exact &= taken.exact
        self._said += taken.warnings
        return where

    def warnings(self) -> tuple[str, ...]:
        """What a reader of the numbers must know, each once."""
        if self._naming and "process" in self.tally.by and (hidden := self._naming.hidden):
            self._said.append(_hiding(hidden, "the sockets held"))
        return tuple(dict.fromkeys(self._said))


def _hiding(processes: int, what: str) -> str:
    hint = "; root sees more" if os.geteuid() else ""
    return f"{processes} {'process hides' if processes == 1 else 'processes hide'} {what}{hint}"
