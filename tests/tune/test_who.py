"""Who, and when."""

import os
import re
from pathlib import Path
from pwd import getpwuid

import pytest

from lastack.tune.who import actor, boottime, now, within

_NOBODY_LOGGED_IN = str(2**32 - 1)


@pytest.mark.parametrize("login", [_NOBODY_LOGGED_IN, str(os.geteuid()), "nonsense", None])
def test_the_effective_user_did_it(tmp_path: Path, login: str | None) -> None:
    """Where nobody else logged in, or nobody can tell."""
    (tmp_path / "self").mkdir()
    if login is not None:
        (tmp_path / "self/loginuid").write_text(login)
    found = actor(str(tmp_path))
    assert (found.user, found.login, found.pid) == (getpwuid(os.geteuid()).pw_name, None, os.getpid())


def test_so_did_who_logged_in(tmp_path: Path) -> None:
    """The kernel knows who it was before sudo; a user without a name is a number."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self/loginuid").write_text("4294967000")
    assert actor(str(tmp_path)).login == "4294967000"


def test_times_are_for_people_and_the_deadline_is_not() -> None:
    """RFC 3339 for the one, seconds since boot for the other."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", now())
    uptime_s = float(Path("/proc/uptime").read_text().split()[0])
    assert abs(boottime() - uptime_s) < 1
    deadline = within(300)
    assert deadline.within_s == 300
    assert abs(deadline.boottime_s - uptime_s - 300) < 1
    assert deadline.at > now()
