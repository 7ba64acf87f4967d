"""Where no namespace may be made, the setting that forbids it is named."""

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from lastack.errors import RefusedError
from lastack.lab import Lab
from lastack.lab.refusal import refusal
from tests.kernel.seccomp import forbid_unshare
from tests.lab.users import lastack_unprivileged, run_as_nobody


@pytest.mark.parametrize("kind", ["user", "net", "mnt", "pid"])
def test_a_limit_on_namespaces(kind: str) -> None:
    """For real: in a user namespace where an ordinary user may have none of a kind, the command says so and exits 3."""
    name = f"user.max_{kind}_namespaces"
    done = lastack_unprivileged("lab", "article", limits={name: 0})
    assert (done.returncode, done.stdout) == (3, "")
    expected = f"lastack: the kernel makes no private {kind} namespace: {name} = 0 is used up"
    assert done.stderr == f"{expected}\nhint: as root: sysctl {name}=10000\n"


def filtered() -> tuple[str, str]:
    """The error behind a filter that refuses unshare(2), as containers have it."""
    forbid_unshare(errno.EPERM)
    try:
        Lab().close()
    except RefusedError as error:
        return error.message, error.hint
    return "", ""


def test_a_seccomp_filter() -> None:
    """For real, too."""
    message, hint = run_as_nobody(filtered)
    assert message.endswith("this process runs under a seccomp filter, as in a container")
    assert "seccomp=unconfined" in hint


def told(files: Mapping[str, str], number: int) -> tuple[str, str]:
    """What the error says on a kernel whose /proc has these files."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "ascii")
        error = refusal("user", OSError(number, os.strerror(number)), root)
    return error.message.partition(": ")[2], error.hint


CASES: list[tuple[Mapping[str, str], int, str]] = [
    ({"sys/kernel/unprivileged_userns_clone": "0\n"}, errno.EPERM, "kernel.unprivileged_userns_clone = 0"),
    (
        {"sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"},
        errno.EACCES,
        "kernel.apparmor_restrict_unprivileged_userns = 1",
    ),
    ({"sys/kernel/apparmor_restrict_unprivileged_userns": "0\n"}, errno.EACCES, "Permission denied"),
    ({}, errno.EINVAL, "it was built without CONFIG_USER_NS"),
    ({}, errno.EPERM, "Operation not permitted"),
    ({"self/status": "Name:\tx\nSeccomp:\t0\n"}, errno.EPERM, "Operation not permitted"),
]


def told_each() -> list[str]:
    """The cause that each case's error names; each has a hint, too."""
    answers = [told(files, number) for files, number, _ in CASES]
    assert all(hint for _, hint in answers)
    return [message for message, _ in answers]


def test_settings_of_distributions() -> None:
    """Debian's and Ubuntu's, as an ordinary user meets them; what nothing explains has the kernel's own words."""
    assert run_as_nobody(told_each) == [cause for _, _, cause in CASES]


def test_root_is_not_told_of_what_concerns_others() -> None:
    """Those settings do not hold for root."""
    if os.geteuid() == 0:
        assert told({"sys/kernel/unprivileged_userns_clone": "0\n"}, errno.EPERM)[0] == "Operation not permitted"
