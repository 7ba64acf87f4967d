"""``lastack serve``: what it refuses to start as, and a store after root is gone."""

import os
from pathlib import Path

import pytest

from lastack.lab import Lab
from tests.cli.running import lastack, lastack_in
from tests.web.pages import served


@pytest.mark.parametrize("where", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
@pytest.mark.parametrize("more", [(), ("--token", "/dev/null"), ("--tls-cert", "a", "--tls-key", "b")])
def test_beyond_loopback_it_wants_tls_and_a_key(where: str, more: tuple[str, ...]) -> None:
    """A token alone would travel in the clear, TLS alone lets everybody in."""
    done = lastack("serve", "--listen", where, *more)
    assert done.returncode == 2
    assert "others could read" in done.stderr
    assert "ssh -L" in done.stderr


def test_tls_files_go_together() -> None:
    """A certificate without a key is none."""
    assert lastack("serve", "--tls-cert", "a").returncode == 2
    assert lastack("serve", "--client-ca", "a").returncode == 2


def test_files_that_are_none(tmp_path: Path) -> None:
    """They are named."""
    done = lastack("serve", "--listen", "127.0.0.1:0", "--tls-cert", "/dev/null", "--tls-key", "/dev/null")
    assert (done.returncode, "/dev/null" in done.stderr) == (2, True)
    done = lastack("serve", "--listen", "127.0.0.1:0", "--store", str(tmp_path / "none"))
    assert (done.returncode, "no store" in done.stderr) == (2, True)


def test_an_address_that_is_not_here() -> None:
    """The kernel's reason, and exit code 3."""
    done = lastack("serve", "--listen", "192.0.2.1:80", "--insecure")
    assert done.returncode == 3
    assert "192.0.2.1:80 cannot be listened on" in done.stderr


def test_a_user_that_is_not_there() -> None:
    """Only root becomes somebody else."""
    if os.geteuid() == 0:
        done = lastack("serve", "--listen", "127.0.0.1:0", "--user", "nobody-of-that-name")
        assert (done.returncode, "no user" in done.stderr) == (2, True)


def test_a_store_that_only_root_reads_is_read_on(tmp_path: Path) -> None:
    """It was opened before root was given up; what is recorded later is seen too."""
    store = tmp_path / "store.db"
    with Lab() as lab:
        assert lastack_in(lab, "record", "--once", "--store", str(store)).returncode == 0
        tmp_path.chmod(0o700)
        with served(lab, "--store", str(store)) as page:
            first = page.ask("/history?span=3600").document["samples"]
            assert lastack_in(lab, "record", "--once", "--store", str(store)).returncode == 0
            second = page.ask("/history?span=3600").document["samples"]
            compared = page.ask("/compare?before=now&after=now")
            late = page.ask("/compare?before=" + "9" * 50 + "&after=now")
    assert (first, second) == (1, 2)
    assert (compared.status, compared.document["before"]["total"] > 0) == (200, True)
    assert late.status == 404


def test_another_namespace() -> None:
    """The page is where it was started, and shows the namespace that was asked for."""
    with Lab() as lab, served(lab, "--netns", "1") as page:
        inode = Path(f"/proc/{lab.server.pid}/ns/net").readlink()
        assert page.frame()["netns"] in {str(inode), "1"}


def test_sigterm_is_a_proper_end() -> None:
    """Even while somebody watches: exit code 0 and no traceback."""
    with Lab() as lab:
        with served(lab) as page:
            assert page.ask("/healthz").status == 200
        assert page.process.returncode == 0
