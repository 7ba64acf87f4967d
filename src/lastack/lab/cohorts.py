"""How a socket is brought into each state: one recipe a row.

``server`` is the side whose census is made, whichever side opened the connection. A cut loses what the server sends to
one client address, so that its FIN or SYN-ACK stays unanswered while all else goes as on any host. The transitions are
those of RFC 9293, section 3.3.2; a closed socket in FIN_WAIT2 is Linux's time-wait mini-socket, gone after
tcp_fin_timeout (tcp_fin_time, include/net/tcp.h).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal, NamedTuple

from lastack.errors import UsageError
from lastack.lab.addresses import family_of

__all__ = ["BACKLOG", "RECIPES", "Cohort", "Kind", "Recipe", "Step", "recipe_of", "room_for", "with_listeners"]

Kind = Literal["", "held", "orphan", "queued"]
_PORTS = 65_536
BACKLOG = 4096  # net.core.somaxconn's default since Linux 5.4


class Step(Enum):
    """What is done to every socket of a cohort before the next step."""

    LISTEN = "the server listens"
    OPEN = "a connection is made and accepted"
    CUT = "what the server sends is lost from here on"
    SERVER_CONNECTS = "the server sends a SYN"
    CLIENT_CONNECTS = "the client sends a SYN to a listener of the server's"
    SERVER_SHUTS = "the server sends its FIN and keeps the socket"
    SERVER_CLOSES = "the server closes"
    CLIENT_CLOSES = "the client closes"


class Recipe(NamedTuple):
    """How to make a socket of a state.

    Attributes:
        state: canonical name.
        kind: ``held`` by a process, ``orphan`` (held by none), ``queued`` (in the accept queue); "" where there is one
            way only. The first row of a state is what is made when no kind is asked for.
        steps: in order.
    """

    state: str
    kind: Kind
    steps: tuple[Step, ...]

    @property
    def label(self) -> str:
        """``STATE`` or ``STATE:kind``, as the command line has it."""
        return f"{self.state}:{self.kind}" if self.kind else self.state

    @property
    def held(self) -> int:
        """Files that a socket takes for as long as it is to stay, its peer's included."""
        server = not {Step.SERVER_CLOSES, Step.CLIENT_CONNECTS}.intersection(self.steps)
        client = {Step.OPEN, Step.CLIENT_CONNECTS}.intersection(self.steps) and Step.CLIENT_CLOSES not in self.steps
        return int(server) + int(bool(client))

    @property
    def peak(self) -> int:
        """Files that a socket takes at most, while its cohort waits for its cut."""
        if Step.CUT not in self.steps:
            return self.held
        return 2 if Step.OPEN in self.steps else 1


_S = Step
RECIPES = (
    Recipe("LISTEN", "", (_S.LISTEN,)),
    Recipe("SYN_SENT", "", (_S.CUT, _S.SERVER_CONNECTS)),
    Recipe("SYN_RECV", "", (_S.CUT, _S.CLIENT_CONNECTS, _S.CLIENT_CLOSES)),
    Recipe("ESTABLISHED", "held", (_S.OPEN,)),
    Recipe("ESTABLISHED", "queued", (_S.CLIENT_CONNECTS,)),
    Recipe("FIN_WAIT1", "orphan", (_S.OPEN, _S.CUT, _S.SERVER_CLOSES)),
    Recipe("FIN_WAIT1", "held", (_S.OPEN, _S.CUT, _S.SERVER_SHUTS)),
    Recipe("FIN_WAIT2", "held", (_S.OPEN, _S.SERVER_SHUTS)),
    Recipe("FIN_WAIT2", "orphan", (_S.OPEN, _S.SERVER_CLOSES)),
    Recipe("CLOSING", "orphan", (_S.OPEN, _S.CUT, _S.SERVER_CLOSES, _S.CLIENT_CLOSES)),
    Recipe("CLOSING", "held", (_S.OPEN, _S.CUT, _S.SERVER_SHUTS, _S.CLIENT_CLOSES)),
    Recipe("TIME_WAIT", "", (_S.OPEN, _S.SERVER_CLOSES, _S.CLIENT_CLOSES)),
    Recipe("CLOSE_WAIT", "", (_S.OPEN, _S.CLIENT_CLOSES)),
    Recipe("LAST_ACK", "orphan", (_S.OPEN, _S.CLIENT_CLOSES, _S.CUT, _S.SERVER_CLOSES)),
    Recipe("LAST_ACK", "held", (_S.OPEN, _S.CLIENT_CLOSES, _S.CUT, _S.SERVER_SHUTS)),
)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Sockets to be made alike.

    Attributes:
        state: canonical name.
        count: sockets.
        family: 4 or 6; 6 with ``::ffff:`` addresses for IPv4 connections of an IPv6 socket.
        kind: as in ``Recipe``; "" for the first of the state.
        port: where the connections are opened to: the server's port, or the client's where the server opened them.
            LISTEN takes this one and those above it.
        active: whether the server opened them.
        local: the server's address; "": the lab's, or any for LISTEN.
        remote: the client's; "": one of the lab's that nobody else uses.
        backlog: for LISTEN.
        takes_ipv4: for LISTEN of IPv6: whether it is open to IPv4 too.

    Raises:
        UsageError: ``bad-cohort``, ``no-recipe``.
    """

    state: str
    count: int
    family: int = 4
    kind: Kind = ""
    port: int = 80
    active: bool = False
    local: str = ""
    remote: str = ""
    backlog: int = BACKLOG
    takes_ipv4: bool = False

    def __post_init__(self) -> None:
        recipe_of(self)
        last_port = self.port + self.count - 1 if self.state == "LISTEN" else self.port
        if self.count < 0 or self.family not in {4, 6} or not 0 < self.port <= max(last_port, self.port) < _PORTS:
            raise UsageError("bad-cohort", f"no lab has {self}", "counts from 0, ports from 1 to 65535, family 4 or 6")
        for address in filter(None, (self.local, self.remote)):
            if family_of(address) != self.family:
                raise UsageError("bad-cohort", f"{address!r} is no address of IPv{self.family}: no lab has {self}")

    def __str__(self) -> str:
        return f"{self.count:,} {recipe_of(self).label} of IPv{self.family} on port {self.port}"

    @property
    def server_opens(self) -> bool:
        """Whether the server sends the SYN."""
        return self.active or self.state == "SYN_SENT"

    def hears(self, other: "Cohort") -> bool:
        """Whether this is a LISTEN that takes what the clients of the other cohort send."""
        return (
            self.state == "LISTEN"
            and (self.family == other.family or (self.takes_ipv4 and other.family == 4))
            and 0 <= other.port - self.port < self.count
            and self.local in {"", other.local}
        )


def recipe_of(cohort: Cohort) -> Recipe:
    """The row that makes a cohort. Raises UsageError: ``no-recipe``."""
    for recipe in RECIPES:
        if recipe.state == cohort.state and cohort.kind in {"", recipe.kind}:
            return recipe
    label = f"{cohort.state}:{cohort.kind}" if cohort.kind else cohort.state
    raise UsageError("no-recipe", f"the lab makes no {label}", f"it makes {', '.join(row.label for row in RECIPES)}")


def with_listeners(cohorts: Iterable[Cohort], present: Iterable[Cohort] = ()) -> list[Cohort]:
    """The cohorts in the order of their making, with one more LISTEN for each port where half-open or queued have none.

    Connections that are accepted come before the listeners, whose ports they use; what these listeners are to hear
    comes after them.

    Args:
        cohorts: what is asked for.
        present: what is there already.
    """
    asked = [cohort for cohort in cohorts if cohort.count]
    known = [*present, *asked]
    for cohort in tuple(asked):
        if Step.CLIENT_CONNECTS in recipe_of(cohort).steps and not any(row.hears(cohort) for row in known):
            listener = Cohort("LISTEN", 1, cohort.family, port=cohort.port, local=cohort.local)
            asked.append(listener)
            known.append(listener)
    return sorted(asked, key=_turn)


def _turn(cohort: Cohort) -> int:
    if Step.OPEN in recipe_of(cohort).steps:
        return 0
    return 1 if cohort.state == "LISTEN" else 2


def room_for(cohorts: Sequence[Cohort]) -> dict[str, int]:
    """The least value of each of the server's sysctls that leaves the cohorts room.

    A closed FIN_WAIT2 takes a time-wait bucket. Without syncookies, a quarter of tcp_max_syn_backlog is kept for known
    peers (tcp_conn_request, net/ipv4/tcp_input.c).
    """
    counts: Counter[str] = Counter()
    for cohort in cohorts:
        counts[recipe_of(cohort).label] += cohort.count
    backlogs = [cohort.backlog for cohort in cohorts if cohort.state == "LISTEN"]
    return {
        "net.ipv4.tcp_max_tw_buckets": counts["TIME_WAIT"] + counts["FIN_WAIT2:orphan"],
        "net.ipv4.tcp_max_syn_backlog": 2 * counts["SYN_RECV"],
        "net.core.somaxconn": max(*backlogs, counts["SYN_RECV"] + counts["ESTABLISHED:queued"], 0),
    }
