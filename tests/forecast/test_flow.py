"""What a flow blocks, and what is no flow."""

from typing import Any

import pytest

from lastack.errors import UsageError
from lastack.forecast.flow import WAIT_S, Flow


@pytest.mark.parametrize(
    ("fields", "blocks_s"),
    [
        ({}, WAIT_S),
        ({"hold_s": 5.0}, WAIT_S + 5),
        ({"closes": "there", "hold_s": 5.0, "linger_s": 1.0, "handshake_s": 0.5}, 6.5),
        ({"reuse_s": 1.0, "hold_s": 2.0}, 3.0),
        ({"reuse_s": 100.0}, WAIT_S),
    ],
)
def test_a_port_is_blocked_while_open_and_in_time_wait(fields: dict[str, Any], blocks_s: float) -> None:
    """In TIME_WAIT only at the end that closes first, and only until it may be taken over."""
    assert Flow(name="f", rate_per_s=1, ports=10, **fields).blocks_s == pytest.approx(blocks_s)


@pytest.mark.parametrize(
    "fields",
    [{"rate_per_s": -1}, {"rate_per_s": float("nan")}, {"rate_per_s": 1, "ports": 0}, {"rate_per_s": 1, "hold_s": -1}],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    """With a sentence, as every error."""
    with pytest.raises(UsageError) as error:
        Flow(name="f", **fields)
    assert error.value.slug == "bad-load"
