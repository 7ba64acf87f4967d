"""What a namespace begins with."""

from pathlib import Path

from lastack.errors import RefusedError
from lastack.kernel.fresh import fresh_settings
from tests.kernel.private import run_as_nobody, run_private

KEY = "net.ipv4.tcp_fin_timeout"
_FILE = Path("/proc/sys/net/ipv4/tcp_fin_timeout")


def _after_a_change() -> tuple[str, str, str]:
    begun = _FILE.read_text().strip()
    _FILE.write_text("17")
    return begun, fresh_settings([KEY])[KEY], _FILE.read_text().strip()


def test_defaults_are_those_of_a_new_namespace() -> None:
    """A change of the namespace that we are in does not show in them, and stays."""
    begun, fresh, now = run_private(_after_a_change)
    assert (begun, fresh, now) == ("60", "60", "17")


def _machine_wide() -> dict[str, str]:
    return fresh_settings(["net.ipv4.tcp_max_orphans", KEY])


def test_settings_of_the_machine_are_not_shown() -> None:
    """Only what a namespace has of its own."""
    assert list(run_private(_machine_wide)) == [KEY]


def _refusal() -> str:
    try:
        fresh_settings([KEY])
    except RefusedError as error:
        return error.slug
    return ""


def test_an_ordinary_user_is_refused() -> None:
    """That takes a privilege, and the error says which."""
    assert run_as_nobody(_refusal) == "no-fresh-namespace"
