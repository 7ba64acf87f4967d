"""Who serves: not root."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from lastack.lab import Cohort, Lab
from lastack.web.privilege import LOST
from tests.kernel.private import unavailable
from tests.web.browser import browse
from tests.web.pages import as_user, served

_ORDINARY = 4321  # nobody's


def _status() -> dict[str, str]:
    """/proc/PID/status of whoever listens on loopback: the only python serving in the lab."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        if b"\0serve\0" in path.read_bytes():
            lines = (path.parent / "status").read_text("ascii", "replace").splitlines()
            threads = [(task / "status").read_text("ascii", "replace") for task in (path.parent / "task").iterdir()]
            found = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
            return found | {
                "threads": "".join(line for text in threads for line in text.splitlines() if "CapEff" in line)
            }
    return {}


def test_root_is_given_up() -> None:
    """All ids are nobody's, in every thread no capability is left, and none can be had again; and it goes on."""
    if os.geteuid() != 0:
        unavailable("only root can give root up")
    with Lab() as lab, served(lab) as page:
        status = lab.server.call(_status)
        said, frame = page.said, page.frame()
    assert LOST in said
    assert status["Uid"].split() == status["Gid"].split() == ["65534"] * 4
    assert status["Groups"].strip() == ""
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == int(status["CapAmb"], 16) == 0
    assert set(status["threads"].replace("CapEff:", "").split()) == {"0" * 16}
    assert status["NoNewPrivs"] == "1"
    assert "root sees more" in frame["unseen"]["processes"]


def _read(tab: Tab) -> tuple[str, list[list[str]], str]:
    """What the page says of what it does not see; its listeners, address and process; its findings."""
    expect(tab.locator("#unseen")).not_to_be_empty()
    expect(tab.locator("#finding-list")).not_to_be_empty()
    rows = [row.locator("td").all_inner_texts() for row in tab.locator("#listeners tbody tr").all()]
    findings = tab.locator("#finding-list").inner_text()
    return tab.locator("#unseen").inner_text(), [[row[0], row[-1]] for row in rows], findings


def test_an_ordinary_user_has_a_page_and_is_told_what_is_out_of_sight() -> None:
    """All sockets, the kernel's numbers and the findings; of processes only the own one, and the page says so."""
    if os.geteuid() != 0:
        unavailable("only root can start a program as somebody else")
    if subprocess.run(
        [*as_user(_ORDINARY), sys.executable, "-c", "import lastack.web.serving"], check=False
    ).returncode:
        pytest.skip("this interpreter's files are out of other users' reach")
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 2), Cohort("ESTABLISHED", 30), Cohort("CLOSE_WAIT", 300)])
        with served(lab, uid=_ORDINARY) as page:
            status = lab.server.call(_status)
            unseen, listeners, findings = lab.server.call(browse, page.port, _read)
            metrics = page.ask("/metrics")
        assert page.process.returncode == 0
    assert status["Uid"].split() == [str(_ORDINARY)] * 4
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert LOST not in page.said
    assert re.fullmatch(r"Not seen: processes \(\d+ .* not show the sockets .*; root sees more\)\.", unseen)
    seen = dict(listeners)
    assert seen.pop(f"127.0.0.1:{page.port}").startswith("python")
    assert seen == {"0.0.0.0:80": "not visible", "0.0.0.0:81": "not visible"}
    assert "a process of uid 0 holds 300 connections" in findings
    assert metrics.status == 200
    samples = metrics.body.decode().splitlines()
    assert 'lastack_sockets{state="CLOSE_WAIT"} 300.0' in samples
    assert [line for line in samples if line.startswith("lastack_close_wait{")] == [
        'lastack_close_wait{process="unknown"} 300.0'
    ]


def test_to_stay_root_takes_the_word() -> None:
    """Then the names of all processes are there."""
    with Lab() as lab, served(lab, "--user", "root") as page:
        frame = page.frame()
    assert LOST not in page.said
    assert "processes" not in frame["unseen"]
