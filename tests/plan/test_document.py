"""Plans as files."""

import tomllib

import pytest

from lastack.errors import InputError
from lastack.plan.document import decode, encode
from lastack.plan.plan import LeftOut, Step
from tests.plan.plans import NASTY, plan, setting

WORDS = "Every word of this sentence is short, and there are so many that it takes several lines to write them. " * 3

LINES = ['    proxy_set_header Connection "";', "c := 'a' + \"b\" \\", "\tindented, and no control \x1b character"]


def test_what_is_written_is_read() -> None:
    """Whatever the texts are."""
    steps = [setting(key, value, now="1") for key, value in NASTY.items()]
    whole = plan(
        Step(kind="application", because=WORDS.strip(), reason=' "quoted" \\ ', hazards=[WORDS.strip(), "x"]),
        Step(kind="application", because="x", reason="y", process="a/1", lines=LINES, source="https://x"),
        *steps,
        left_out=(LeftOut(what="a = b", where="line 1", why=WORDS),),
    )
    assert decode(encode(whole).encode(), "p") == whole


def test_the_file_is_for_people() -> None:
    """The order of the fields is that of the plan, and no line of prose is too long to read."""
    step = Step(kind="application", because="x", reason=WORDS.strip(), hazards=[WORDS.strip()])
    lines = encode(plan(step)).splitlines()
    assert max(map(len, lines)) <= 110
    assert lines[0].startswith("# A plan of lastack")
    fields = list(tomllib.loads("\n".join(lines)))
    assert fields == ["schema", "made_at", "host", "kernel", "boot_id", "netns", "summary", "step"]


def test_lines_to_copy_are_written_as_they_are() -> None:
    """Spaces, quotes and all, so that they can be copied out of the file."""
    step = Step(kind="application", because="x", reason="y", lines=LINES[:1])
    assert LINES[0] in encode(plan(step))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "schema"),
        (b"a = [", "p is no plan"),
        (b"\xff", "p is no plan"),
        (b'schema = "lastack.plan/2"', "lastack.plan/2"),
        (encode(plan(setting("net.ipv4.x", "1"))).replace("value", "valeu").encode(), "valeu"),
        (encode(plan(setting("net.ipv4.x", "1"))).replace('value = "1"', "value = 1").encode(), "step"),
        (encode(plan(setting("net.ipv4.x", "1"))).replace('key = "net.ipv4.x"', "").encode(), "step 1"),
        (encode(plan(setting("net.ipv4.x", "1"), setting("net.ipv4.x", "2"))).encode(), "a second time"),
        (encode(plan(setting("net.ipv4.x", "1"))).replace('"setting"', '"network"').encode(), "step 1"),
    ],
)
def test_what_is_no_plan_is_an_error(content: bytes, complaint: str) -> None:
    """It names the file and the place."""
    with pytest.raises(InputError, match=complaint) as caught:
        decode(content, "p")
    assert caught.value.slug == "not-a-plan"


@pytest.mark.parametrize(
    ("key", "value", "slug"),
    [
        ("net/../../etc/passwd", "1", "bad-setting-name"),
        ("../etc.passwd", "1", "bad-setting-name"),
        ("net.ipv4.x", "1\nkernel.core_pattern = |/bin/sh", "bad-setting-value"),
        ("net.ipv4.ip_forward", "1", "cannot-be-undone"),
    ],
)
def test_a_plan_that_must_not_be_carried_out_is_not_read(key: str, value: str, slug: str) -> None:
    """Whoever wrote it."""
    with pytest.raises(InputError) as caught:
        decode(encode(plan(setting(key, value))).encode(), "p")
    assert caught.value.slug == slug
