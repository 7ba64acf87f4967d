"""Arms of an experiment: a change each, of settings and of what the programs do."""

from collections.abc import Iterable

from msgspec import Struct, field

from lastack.errors import UsageError
from lastack.lab.workloads.workload import Workload, knob_name, turned
from lastack.settings.catalogue.rows import SETTINGS

__all__ = ["BASELINE", "Arm", "parse_arm"]


class Arm(Struct, frozen=True, kw_only=True):
    """What is different.

    Attributes:
        name: in tables.
        settings: sysctls of the host.
        application: knobs of the workload.
    """

    name: str
    settings: dict[str, str] = field(default_factory=dict)
    application: dict[str, str] = field(default_factory=dict)

    @property
    def change(self) -> dict[str, str]:
        """All of it."""
        return {**self.settings, **self.application}

    def applied_to(self, workload: Workload) -> Workload:
        """The workload with this arm's settings and knobs. Raises UsageError: ``bad-knob``."""
        changed = turned(workload, self.application)
        return Workload(
            about=changed.about,
            kind=changed.kind,
            knobs=changed.knobs,
            settings={**changed.settings, **self.settings},
            headline=changed.headline,
            towards=changed.towards,
        )


BASELINE = Arm(name="baseline")


def parse_arm(changes: Iterable[str], name: str = "") -> Arm:
    """An arm from changes such as ``tcp_tw_reuse=1`` and ``upstream.keepalive=32``.

    Args:
        changes: a setting, by its whole name or, if we know it, its last part; or a knob of the workload.
        name: of the arm; empty: its changes.

    Raises:
        UsageError: ``bad-change``.
    """
    settings: dict[str, str] = {}
    application: dict[str, str] = {}
    for change in changes:
        key, equals, value = (part.strip() for part in change.partition("="))
        if not equals or not key or not value:
            raise UsageError(
                "bad-change", f"{change!r} is no change", "such as tcp_tw_reuse=1 or upstream.keepalive=32"
            )
        setting = _setting(key)
        knob = knob_name(key)
        if setting:
            settings[setting] = value
        elif knob:
            application[knob] = value
        else:
            raise UsageError("bad-change", f"{key!r} is neither a setting nor a knob", "settings begin with net.")
    written = ", ".join(f"{_short(key)}={value}" for key, value in {**settings, **application}.items())
    return Arm(name=name or written, settings=settings, application=application)


def _setting(key: str) -> str | None:
    """The whole name of a setting; None: it is none."""
    dotted = key.replace("/", ".")
    if dotted.startswith("net."):
        return dotted
    return next((whole for whole in SETTINGS if whole.rpartition(".")[2] == dotted), None)


def _short(key: str) -> str:
    return key.rpartition(".")[2] if key.startswith("net.") else key
