"""Who serves: not root."""

import os
from pathlib import Path

from lastack.lab import Lab
from lastack.web.privilege import LOST
from tests.kernel.private import unavailable
from tests.web.pages import served


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


def test_to_stay_root_takes_the_word() -> None:
    """Then the names of all processes are there."""
    with Lab() as lab, served(lab, "--user", "root") as page:
        frame = page.frame()
    assert LOST not in page.said
    assert "processes" not in frame["unseen"]
