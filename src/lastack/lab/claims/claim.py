"""What a claim is, and what an experiment answers."""

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from lastack.lab.claims.stage import Stage

__all__ = ["Claim", "NotTestableError", "Result", "Seen", "Verdict"]

Verdict = Literal["holds", "fails", "not-testable-here"]


class NotTestableError(Exception):
    """An experiment cannot tell on this kernel; the argument says why, as a clause."""


class Seen(NamedTuple):
    """What an experiment saw.

    Attributes:
        holds: whether that is what the claim says.
        observed: a short sentence with the numbers.
    """

    holds: bool
    observed: str


class Claim(NamedTuple):
    """One claim.

    Attributes:
        id: slug; ``-ipv6`` at its end: the same over IPv6.
        statement: one sentence.
        source: kernel file and function, commit, RFC section.
        settings: keys of the settings that it is about; empty where it is about what no setting changes.
        experiment: runs it on a stage, in a process and in namespaces of its own.
        seconds: that the experiment takes, nearly all of them waiting.
        family: 4 or 6.
    """

    id: str
    statement: str
    source: str
    settings: tuple[str, ...]
    experiment: "Callable[[Stage], Seen]"
    seconds: float = 0.5
    family: Literal[4, 6] = 4

    def over_ipv6(self) -> "Claim":
        """The same claim of IPv6."""
        first, rest = self.statement[:1], self.statement[1:]
        begin = first.lower() if rest[:1].islower() or rest[:1] == " " else first  # not of a name: TIME_WAIT
        return self._replace(id=f"{self.id}-ipv6", statement=f"Over IPv6, {begin}{rest}", family=6)


class Result(NamedTuple):
    """What came of a claim on this kernel.

    Attributes:
        claim: the row.
        verdict: ``not-testable-here`` where the kernel, its configuration or a privilege does not let us see.
        observed: what was seen, or why nothing could be.
        seconds: that it took, the making of its namespaces included.
    """

    claim: Claim
    verdict: Verdict
    observed: str
    seconds: float
