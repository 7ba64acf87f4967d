"""What a fault is, as data: how its host is made, and which rule must say what of it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from lastack.doctor.verdicts import Severity
from lastack.lab import Cohort, Load
from lastack.model.sample import Sample

__all__ = ["Fault", "Program"]

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Program(NamedTuple):
    """A program that runs while the doctor looks.

    Attributes:
        source: Python. It prints a line once it has done what the scene needs, and then goes on until it is ended.
            ``sys.argv[1]`` is the server's address, ``sys.argv[2]`` the client's.
        at: where it runs. The server is the host that is examined.
    """

    source: str
    at: Literal["server", "client"] = "server"


class Fault(NamedTuple):
    """A host with one fault, or one that looks like it and is healthy.

    The server's namespace of a lab is the host. Settings come first, then cohorts, programs, the cut, loads; ``once``
    is waited for; then ``lastack doctor`` runs there as a user runs it.

    Attributes:
        slug: names it in tests and in the table.
        what: half a sentence: what is going on.
        rule: the id of the rule that must fire; of a look-alike, the one that a lesser doctor would let fire.
        severity: what the rule must say; None: a look-alike, on which no rule may say warning or worse.
        cohorts: sockets.
        settings: sysctls of the host, before anything else is made.
        client_settings: sysctls of the other end.
        programs: programs.
        tools: programs that these run, and that not every machine has.
        cut: whether what the host sends to the client's first address is lost, once the programs run.
        loads: connections being made while the doctor looks; ``seconds`` must cover that.
        once: what the sample must show before the doctor is called.
        interval_s: for ``--interval``; None: one sample.
        edit: what to change in the host's snapshot, for numbers that a namespace cannot have on its own (they are the
            machine's); the doctor then looks at that file.
    """

    slug: str
    what: str
    rule: str
    severity: Severity | None
    cohorts: tuple[Cohort, ...] = ()
    settings: Mapping[str, object] = _NOTHING
    client_settings: Mapping[str, object] = _NOTHING
    programs: tuple[Program, ...] = ()
    tools: tuple[str, ...] = ()
    cut: bool = False
    loads: tuple[Load, ...] = ()
    once: Callable[[Sample], bool] = lambda _: True
    interval_s: float | None = None
    edit: Callable[[Sample], Sample] | None = None
