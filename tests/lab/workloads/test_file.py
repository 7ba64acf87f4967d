"""Workloads of a user's own, in TOML."""

import pytest

from lastack.errors import InputError, UsageError
from lastack.lab.workloads.file import named, workloads_in
from lastack.lab.workloads.table import WORKLOADS

_OWN = b"""
[checkout]
like = "one-destination"
about = "Our checkout."
settings = { "net.ipv4.tcp_tw_reuse" = 0 }
knobs = { rate = 300, seconds = 5 }

[api]
about = "Our API."
kind = "relay"
headline = ["answered_per_s"]
"""


def test_a_workload_like_another_takes_over_what_it_does_not_say() -> None:
    """Knobs and settings one by one."""
    own = workloads_in(_OWN, "own.toml")["checkout"]
    model = WORKLOADS["one-destination"]
    assert own.about == "Our checkout."
    assert own.settings == {**model.settings, "net.ipv4.tcp_tw_reuse": 0}
    assert (own.knobs.rate, own.knobs.seconds, own.knobs.opener) == (300.0, 5.0, "host")
    assert own.headline == model.headline


def test_a_whole_one_needs_no_model() -> None:
    """Two keys are enough."""
    assert workloads_in(_OWN, "own.toml")["api"].kind == "relay"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[a", "own.toml: "),
        (b"\xff", "own.toml: "),
        (b"", "has no workload"),
        (b"a = 1", r"\[a\]: expected a table"),
        (b"[a]\nabout = 'x'", r"\[a\]: Object missing required field `kind`"),
        (b"[a]\nlike = 'nothing'", r"\[a\]: there is no workload 'nothing'"),
        (b"[a]\nlike = 'proxy'\nknobs = { rat = 1 }", r"\[a\]: .*unknown field `rat`"),
        (b"[a]\nlike = 'proxy'\nknobs = { requests = 'x' }", r"\[a\]: Expected `int`"),
        (b"[a]\nlike = 'proxy'\nknobs = 3", r"\[a\]: knobs: expected a table"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(content: bytes, message: str) -> None:
    """Name of the file, table, and what was expected."""
    with pytest.raises(InputError, match=message) as caught:
        workloads_in(content, "own.toml")
    assert caught.value.slug == "bad-workload-file"


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    """All of them."""
    with pytest.raises(UsageError, match="no workload 'prox'") as caught:
        named("prox")
    assert "proxy" in caught.value.hint
