"""What files promise, against what the kernel has."""

from pathlib import Path
from typing import Any

import pytest

from lastack.doctor.drift import MACHINES, check, kept
from lastack.doctor.verdicts import Finding, Healthy, Unknown, Verdict
from lastack.kernel.sampler import take_sample
from lastack.model.model import Model
from lastack.model.sample import Promise
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.names import LIFECYCLE
from tests.kernel.private import NEWNET, NEWNS, NEWUSER, bind_mount, run_private
from tests.model.samples import model

FIRST: dict[str, str | None] = {"net.core.netdev_max_backlog": "1000"}


def promise(key: str, value: str, live: str | None) -> Promise:
    """A line of one file."""
    return Promise(key=key, value=value, live=live, file="/etc/sysctl.d/90-tuned.conf", line=3)


def host(*promises: Promise, **fields: Any) -> Verdict:  # noqa: ANN401 - the fields of Sample
    """The first namespace of a host with these lines."""
    return check(model(promises=list(promises), settings=FIRST, **fields))


@pytest.mark.parametrize(
    ("value", "live", "same"),
    [
        ("60", "60", True),
        ("0x3c", "60", True),
        ("30 # seconds", "30", True),
        ("1024 65000", "1024 65000", True),
        ("1024\t65000", "1024 65000", True),
        ("4096", "4096 131072 6291456", True),
        ("30", "60", False),
        ("cubic", "reno", False),
        ("cubic", "cubic", True),
        ("1", None, False),
    ],
)
def test_values_are_compared_as_the_kernel_reads_them(value: str, live: str | None, same: bool) -> None:  # noqa: FBT001 - the expected value
    """Hexadecimal, tabs, comments that the kernel passes over, fewer numbers than there are."""
    assert kept(promise("net.ipv4.tcp_x", value, live)) == same


def test_port_lists() -> None:
    """As sets of ranges in order."""
    key = "net.ipv4.ip_local_reserved_ports"
    assert kept(promise(key, "8080,9000-9001", "8080,9000-9001"))
    assert not kept(promise(key, "8080", ""))


def test_all_promises_kept() -> None:
    """Healthy."""
    verdict = host(promise("net.ipv4.tcp_fin_timeout", "60", "60"))
    assert isinstance(verdict, Healthy)
    assert verdict.summary == "1 setting as the files have them"


def test_a_broken_promise_names_the_line() -> None:
    """With both values; and no value is recommended, for the file's need not be the better one."""
    verdict = host(promise("net.core.somaxconn", "65535", "4096"))
    assert isinstance(verdict, Finding)
    assert (verdict.severity, verdict.confidence) == ("notice", "high")
    assert verdict.summary == "net.core.somaxconn is 4096, not 65535 as /etc/sysctl.d/90-tuned.conf has it"
    assert not any(remedy.key for remedy in verdict.remedies)


def test_a_key_that_is_gone() -> None:
    """Is not there, and its line makes sysctl -p fail."""
    verdict = host(promise("net.ipv4.tcp_tw_recycle", "1", None))
    assert isinstance(verdict, Finding)
    assert "is not there" in verdict.summary
    assert "Delete lines" in verdict.remedies[-1].text


def test_in_a_new_namespace_the_files_are_no_promise_to_it() -> None:
    """It starts from the kernel's defaults; what is the machine's is left out."""
    somaxconn, orphans = promise("net.core.somaxconn", "65535", "4096"), promise("net.ipv4.tcp_mem", "1 2 3", None)
    verdict = check(model(promises=[somaxconn, orphans]))
    assert isinstance(verdict, Finding)
    assert (verdict.confidence, verdict.evidence["broken"]) == ("medium", 1)
    assert "starts from the kernel's defaults" in verdict.cause
    assert isinstance(check(model(promises=[orphans])), Healthy)


def test_files_that_were_not_read() -> None:
    """All of them, or some."""
    verdict = check(model(promises=None, unseen={"sysctl files": "/etc/sysctl.d: Permission denied"}))
    assert isinstance(verdict, Unknown)
    assert "Permission denied" in verdict.reason
    some = host(unseen={"sysctl files": "/etc/sysctl.d/1.conf: Permission denied"})
    assert isinstance(some, Healthy)
    assert list(some.unseen) == ["sysctl files"]


def test_the_machines_keys_are_those_of_the_catalogue() -> None:
    """That other namespaces do not have, or cannot set."""
    assert {key for key in LIFECYCLE if SETTINGS[key].first_namespace_only and not SETTINGS[key].read_only} == MACHINES


def _with_files(folder: str, live: str) -> Verdict:
    """The verdict on a namespace whose host has these files."""
    bind_mount(folder, "/etc/sysctl.d")
    Path("/proc/sys/net/ipv4/tcp_fin_timeout").write_text(live)
    return check(Model.of(take_sample()))


@pytest.mark.parametrize(("live", "drifts"), [("60", True), ("31", False)])
def test_real_files_and_a_real_kernel(tmp_path: Path, live: str, drifts: bool) -> None:  # noqa: FBT001 - the expected value
    """The file that sorts last wins; what this host's other files say of other keys does not matter."""
    (tmp_path / "zz-last.conf").write_text("net.ipv4.tcp_fin_timeout = 31\n")
    (tmp_path / "10-first.conf").write_text("net.ipv4.tcp_fin_timeout = 17\n")
    verdict = run_private(_with_files, str(tmp_path), live, flags=NEWUSER | NEWNS | NEWNET)
    rows = verdict.evidence["settings"]
    expected = {
        "key": "net.ipv4.tcp_fin_timeout",
        "promised": "31",
        "live": "60",
        "place": "/etc/sysctl.d/zz-last.conf:1",
    }
    assert isinstance(rows, list)
    assert (expected in rows) == drifts
