"""When ports in TIME_WAIT can be taken over: the table measured on Linux 6.18."""

import pytest

from lastack.model.reuse import tw_reuse
from tests.model.samples import SETTINGS

FAR = ("10.9.0.1", "10.9.0.2")


@pytest.mark.parametrize(
    ("reuse", "timestamps", "ends", "kind"),
    [
        ("0", "1", FAR, "none"),
        ("1", "1", FAR, "if-peer-has-timestamps"),
        ("1", "0", FAR, "none"),
        ("2", "1", FAR, "none"),
        ("2", "1", ("127.0.0.1", "127.0.0.1"), "certain"),
        ("2", "1", ("::1", "::1"), "certain"),
        ("1", "1", ("127.0.0.1", "127.0.0.1"), "certain"),
        ("2", "0", ("127.0.0.1", "127.0.0.1"), "none"),
        ("2", "1", ("10.77.0.1", "10.77.0.1"), "none"),
    ],
)
def test_kind(reuse: str, timestamps: str, ends: tuple[str, str], kind: str) -> None:
    """A host that talks to its own address over lo is not loopback."""
    settings = SETTINGS | {"net.ipv4.tcp_tw_reuse": reuse, "net.ipv4.tcp_timestamps": timestamps}
    assert tw_reuse(settings, *ends).kind == kind


def test_delay() -> None:
    """In seconds; one second where the kernel has no such setting."""
    assert tw_reuse(SETTINGS | {"net.ipv4.tcp_tw_reuse_delay": "100"}, *FAR).delay_s == 0.1
    assert tw_reuse({}, *FAR).delay_s == 1.0


def test_settings_out_of_sight_count_as_off() -> None:
    """What is not visible is not relied on."""
    assert tw_reuse({"net.ipv4.tcp_tw_reuse": "1"}, *FAR).kind == "none"
