"""Laws of plans: what is written is read, what is exported is what was planned, nothing leaves its place."""

import shlex
from contextlib import suppress
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from lastack.errors import InputError
from lastack.plan.document import decode, encode
from lastack.plan.export.formats import FORMATS
from lastack.plan.key import parts_of
from lastack.plan.plan import Plan, Step, validated
from lastack.plan.value import checked, completed, normal, same
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.sysctld.grammar import parse

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
_VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60).map(str.strip)
_PART = st.from_regex(r"[a-z][a-z0-9_]{0,12}(/[a-z0-9]{1,4})?", fullmatch=True)
_KEY = st.one_of(
    st.sampled_from(sorted(SETTINGS)),
    st.lists(_PART, min_size=2, max_size=5).map(lambda parts: ".".join(["net", *parts])),
)
_NUMBERS = st.lists(st.integers(-(2**31), 2**31 - 1).map(str), min_size=1, max_size=3).map(" ".join)


@st.composite
def _plans(draw: st.DrawFn) -> Plan:
    settings = draw(st.dictionaries(_KEY, _VALUE, max_size=5))
    steps = [
        Step(
            kind="setting",
            because=draw(_TEXT),
            reason=draw(_TEXT),
            key=key,
            value=value,
            now=draw(st.none() | _VALUE),
            hazards=draw(st.lists(_TEXT, max_size=2)),
        )
        for key, value in settings.items()
    ]
    steps += [Step(kind="application", because="x", reason=text) for text in draw(st.lists(_TEXT, max_size=2))]
    return Plan(
        made_at=draw(_TEXT),
        host=draw(_TEXT),
        kernel=draw(_TEXT),
        netns="net:[1]",
        summary=draw(_TEXT),
        steps=draw(st.permutations(steps)),
    )


def _allowed(plan: Plan) -> bool:
    try:
        validated(plan)
    except InputError:
        return False
    return True


@given(_plans().filter(_allowed))
def test_a_plan_survives_its_file(plan: Plan) -> None:
    """Whatever its texts are."""
    assert decode(encode(plan).encode(), "p") == plan


@given(st.binary(max_size=400))
def test_any_bytes_are_a_plan_or_an_error(content: bytes) -> None:
    """Of one kind."""
    with suppress(InputError):
        decode(content, "p")


@given(_plans().filter(_allowed))
def test_a_cut_file_is_a_plan_or_an_error(plan: Plan) -> None:
    """At any byte."""
    content = encode(plan).encode()
    for cut in range(0, len(content), 37):
        with suppress(InputError):
            decode(content[:cut], "p")


@given(_plans().filter(_allowed))
def test_no_export_says_more_than_the_plan(plan: Plan) -> None:
    """A loader of sysctl files, and a shell, find the plan's settings and nothing else."""
    lines = list(parse(FORMATS["sysctl.d"].render(plan).encode()))
    assert [(line.key, line.value) for line in lines if line.kind == "assignment"] == plan.settings
    assert {line.kind for line in lines} <= {"assignment", "comment", "blank"}
    script = FORMATS["shell"].render(plan)
    words = shlex.split(script, comments=True)
    assert words[:2] == ["set", "-eu"]
    assert words[2:] == [word for key, value in plan.settings for word in ("sysctl", "-w", f"{key}={value}")]


@given(st.text(max_size=60))
def test_no_key_leaves_the_folder(key: str) -> None:
    """It names a file below it, or it is refused."""
    try:
        parts = parts_of(key)
    except InputError:
        return
    path = PurePosixPath("/proc/sys", *parts)
    assert len(path.parts) == 3 + len(parts)
    assert not set(parts) & {"", ".", ".."}
    assert not any("/" in part or not part.isprintable() for part in parts)


@given(st.text(max_size=60))
def test_a_value_is_one_line(value: str) -> None:
    """Or it is refused."""
    try:
        taken = checked("net.ipv4.x", value)
    except InputError:
        return
    assert taken.isascii()
    assert len(taken.splitlines()) <= 1
    assert taken == taken.strip()


@given(_KEY, _VALUE, _VALUE)
def test_to_be_the_same_is_an_equivalence(key: str, left: str, right: str) -> None:
    """Everything is the same as itself, and both ways round."""
    assert same(key, left, left)
    assert same(key, left, right) == same(key, right, left) == (normal(key, left) == normal(key, right))


@given(_KEY, _NUMBERS, _NUMBERS)
def test_completing_keeps_what_was_asked_for(key: str, value: str, present: str) -> None:
    """And adds nothing but what was there; done twice it changes nothing."""
    whole = completed(key, value, present)
    assert whole.split()[: len(value.split())] == value.split()
    assert completed(key, whole, present).split() == whole.split()
