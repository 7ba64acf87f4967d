"""What a row of the catalogue of settings says."""

from typing import Literal, NamedTuple

from lastack.settings.release import Release, since

__all__ = [
    "ACTIVE_CLOSER",
    "ACTIVE_OPENER",
    "ANYONE",
    "INT",
    "LISTENER",
    "NODE",
    "PASSIVE_OPENER",
    "SAFE",
    "SECONDS",
    "SWITCH",
    "U8",
    "UINT",
    "UNSAFE",
    "Family",
    "Form",
    "Range",
    "Role",
    "Setting",
]

Family = Literal[
    "opening", "negotiating", "queueing", "closing", "reuse", "keepalive", "giving up", "memory", "tracking", "retired"
]

# How the kernel reads what is written (kernel/sysctl.c): whole numbers; the same in seconds or milliseconds, which it
# keeps as jiffies; a list of ports and port ranges; a string that it keeps.
Form = Literal["number", "seconds", "milliseconds", "ports", "text"]

Role = Literal["active opener", "passive opener", "active closer", "listener", "anyone"]

ACTIVE_OPENER: tuple[Role, ...] = ("active opener",)
PASSIVE_OPENER: tuple[Role, ...] = ("passive opener",)
ACTIVE_CLOSER: tuple[Role, ...] = ("active closer",)
LISTENER: tuple[Role, ...] = ("listener",)
ANYONE: tuple[Role, ...] = ("anyone",)

_INT_MAX = 2**31 - 1

UNSAFE = "unsafe: the kubelet must allow it by --allowed-unsafe-sysctls"
NODE = "node: not per namespace, so no pod can set it"
SAFE = "safe"


class Range(NamedTuple):
    """What the kernel accepts, both ends included, for each of the numbers of a value.

    Attributes:
        since: from this release on; the empty string: always.
        low: lowest number.
        high: highest number.
    """

    since: str
    low: int
    high: int


# The C types behind the files. Switches and small counts shrank from int to u8 in 5.13 (commit 4ecc1baf362c).
INT = (Range("", -_INT_MAX - 1, _INT_MAX),)
U8 = (*INT, Range("5.13", 0, 255))
SWITCH = (Range("", 0, 1),)
UINT = (Range("", 0, 2**32 - 1),)
# Seconds are kept as jiffies in an int, so their limit falls with the tick rate: this is the widest, of HZ=100.
SECONDS = (Range("", -(_INT_MAX // 100), _INT_MAX // 100),)


class Setting(NamedTuple):
    """One setting.

    Attributes:
        key: dotted name.
        family: the part of a connection's life that it bears on.
        form: how the kernel reads it.
        unit: of its number or numbers, in the plural; empty for text.
        summary: one sentence: what it is.
        does: what it really does.
        believed: what people believe that it does, and is not so; empty where no such belief is common.
        sources: kernel files, commits, RFC sections, pages.
        accepts: what the kernel accepts, oldest first; empty for ports and text, and where it compares with nothing.
        sane: lowest and highest number with a meaning, where the kernel accepts more than that.
        arity: how many numbers a value has.
        defaults: (since, value), oldest first; empty where the kernel computes it.
        derived: how the kernel computes the default.
        values: (value, meaning) where single values or bits have one.
        namespaced: the release since which each namespace has its own; ``born``: since it exists; empty: never.
        added: first release that has it; empty: the oldest that we read, 2.6.24, has it.
        removed: first release without it; empty: it is still there.
        removal: why it went, and what took its place.
        history: other changes, a sentence each.
        roles: whom it affects.
        hazards: what goes wrong, a sentence each.
        counters: what to watch, by the names of ``lastack.settings.counters.rows``.
        kubernetes: whether a pod may set it.
        claims: ids of the claims that back the row.
        related: keys of settings to read with it.
        read_only: nobody can write it.
    """

    key: str
    family: Family
    form: Form
    unit: str
    summary: str
    does: str
    believed: str = ""
    sources: tuple[str, ...] = ()
    accepts: tuple[Range, ...] = ()
    sane: tuple[int, int] | None = None
    arity: int = 1
    defaults: tuple[tuple[str, str], ...] = ()
    derived: str = ""
    values: tuple[tuple[str, str], ...] = ()
    namespaced: str = ""
    added: str = ""
    removed: str = ""
    removal: str = ""
    history: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ANYONE
    hazards: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    kubernetes: str = UNSAFE
    claims: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    read_only: bool = False

    @property
    def default_now(self) -> str:
        """The default of the newest release; empty where the kernel computes it, or where it is the empty string."""
        return self.defaults[-1][1] if self.defaults else ""

    @property
    def first_namespace_only(self) -> bool:
        """Whether network namespaces other than the machine's first cannot write it, and mostly do not show it."""
        return self.key.startswith("net.") and not self.namespaced

    @property
    def leaf(self) -> str:
        """The last part of the key, which people use as its name."""
        return self.key.rpartition(".")[2]

    def in_release(self, release: Release) -> bool:
        """Whether that release has it, as far as releases tell."""
        return since(release, self.added) and not (self.removed and since(release, self.removed))

    def range_in(self, release: Release) -> Range | None:
        """What that release accepts; None where it is no number."""
        return next((item for item in reversed(self.accepts) if since(release, item.since)), None)

    def default_in(self, release: Release) -> str | None:
        """The default of that release; None where the kernel computes it."""
        return next((value for first, value in reversed(self.defaults) if since(release, first)), None)
