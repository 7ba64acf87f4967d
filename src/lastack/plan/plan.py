"""Plan: what to change on one host, and why. ``document`` reads and writes it as a file."""

from typing import Literal, TypeAlias

from msgspec import Struct, field

from lastack.errors import InputError
from lastack.plan.key import irreversible, parts_of
from lastack.plan.value import checked

__all__ = ["SCHEMA", "Kind", "LeftOut", "Plan", "Step", "validated"]

SCHEMA = "lastack.plan/1"

Kind: TypeAlias = Literal["setting", "application", "network"]


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing to do.

    Attributes:
        kind: ``setting``: a sysctl; ``application``: its code or configuration; ``network``: addresses or filters.
        because: the finding or the wish behind it.
        reason: what to do, and why.
        process: of an application: the process that the finding names, ``name/pid``; empty: it names none.
        lines: of an application whose language is known: what to write, as it stands in its file.
        source: where its project documents these lines.
        key: of a setting: its name.
        now: of a setting: its value when the plan was made.
        value: of a setting: the value to give it.
        effect: what to expect of it.
        hazards: what may go wrong, a sentence each.
        check: how to see that it worked.
        claims: ids of the claims behind it.
    """

    kind: Kind
    because: str
    reason: str
    process: str = ""
    lines: list[str] = field(default_factory=list)
    source: str = ""
    key: str | None = None
    now: str | None = None
    value: str | None = None
    effect: str = ""
    hazards: list[str] = field(default_factory=list)
    check: str = ""
    claims: list[str] = field(default_factory=list)

    @property
    def told(self) -> str:
        """What is no setting, as a sentence: of which kind it is, whose it is, and what to do."""
        return f"[{' '.join(filter(None, (self.kind, self.process)))}] {self.reason}"


class LeftOut(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that was asked for and is not in the plan.

    Attributes:
        what: as it was asked for.
        where: the option, or the file and line.
        why: the reason.
    """

    what: str
    where: str
    why: str


class Plan(
    Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="schema",
    tag=SCHEMA,
):
    """Steps for one host, in order of worth. In the file, ``schema`` is ``lastack.plan/1``.

    Attributes:
        made_at: RFC 3339, UTC.
        host: the host's name.
        kernel: release.
        boot_id: of the boot that it was made in; None: not visible.
        netns: the namespace, ``net:[inode]``.
        netns_name: what it was asked for by, if it was.
        summary: one sentence; for a plan without steps, why there are none.
        steps: what to do. In the file, ``[[step]]``.
        left_out: what was asked for and is not among the steps.
    """

    made_at: str
    host: str
    kernel: str
    boot_id: str | None = None
    netns: str
    netns_name: str | None = None
    summary: str
    steps: list[Step] = field(default_factory=list, name="step")
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def settings(self) -> list[tuple[str, str]]:
        """Key and value of each setting to change, in order."""
        return [(step.key, step.value) for step in self.steps if step.key is not None and step.value is not None]


def validated(plan: Plan) -> Plan:
    """The plan, if it can be carried out and undone: keys and values that are some, each key once.

    Raises:
        InputError: ``not-a-plan``, ``bad-setting-name``, ``bad-setting-value``, ``cannot-be-undone``.
    """
    seen = set()
    for number, step in enumerate(plan.steps, 1):
        if (step.kind == "setting") != (step.key is not None) or (step.key is None) != (step.value is None):
            raise InputError("not-a-plan", f"step {number}: a setting has a key and a value, and nothing else has")
        if step.key is None or step.value is None:
            continue
        parts_of(step.key)
        checked(step.key, step.value)
        if why := irreversible(step.key):
            raise InputError("cannot-be-undone", f"step {number}: {step.key} cannot be planned: {why}")
        if step.key in seen:
            raise InputError("not-a-plan", f"step {number}: {step.key} is set a second time")
        seen.add(step.key)
    return plan
