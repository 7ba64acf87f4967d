"""``lastack metrics``: an exposition of this host, or the files that go with it."""

import json
import stat
import subprocess
import sys
from pathlib import Path

from lastack.lab import Cohort, Lab
from tests.cli.running import lastack, lastack_in
from tests.metrics.reading import read


def test_this_hosts_numbers() -> None:
    """As the lab made them, and what it cost to count them."""
    with Lab() as lab:
        lab.populate([Cohort("LISTEN", 2), Cohort("TIME_WAIT", 321), Cohort("CLOSE_WAIT", 4)])
        found = read(lastack_in(lab, "metrics").stdout.encode())
        tw = lab.server.run(["awk", "/^TCP:/ {print $7}", "/proc/net/sockstat"], capture_output=True, text=True).stdout
    assert found["lastack_sockets", (("state", "TIME_WAIT"),)] == 321 == int(tw)
    assert found["lastack_sockets", (("state", "LISTEN"),)] == 2
    assert found["node_sockstat_TCP_tw", ()] == 321
    assert 0 < found["lastack_scrape_cpu_seconds", ()] < 5


def test_a_file_for_the_textfile_collector(tmp_path: Path) -> None:
    """It is replaced in one step, and node_exporter's user can read it."""
    path = tmp_path / "lastack.prom"
    assert lastack("metrics", "-o", str(path)).returncode == 0
    assert read(path.read_bytes())
    assert path.stat().st_mode & stat.S_IROTH
    assert [one.name for one in tmp_path.iterdir()] == ["lastack.prom"]


def test_rules_and_dashboard() -> None:
    """Printed as they are shipped."""
    assert "alert: LastackPortsExhausted" in lastack("metrics", "--rules").stdout
    assert json.loads(lastack("metrics", "--dashboard").stdout)["uid"] == "lastack-host"
    assert lastack("metrics", "--rules", "--dashboard").returncode == 2
    assert lastack("metrics", "--rules", "--netns", "1").returncode == 2


def test_without_the_extra_it_says_what_to_install() -> None:
    """Where prometheus_client cannot be imported: exit code 3, and the rules are printed all the same."""
    program = (
        "import sys; sys.modules['prometheus_client'] = None;"
        "from lastack.cli.main import main; main(['metrics', *sys.argv[1:]])"
    )
    done, rules = (
        subprocess.run([sys.executable, "-c", program, *more], capture_output=True, text=True, check=False)
        for more in ([], ["--rules"])
    )
    assert (done.returncode, rules.returncode) == (3, 0)
    assert "lastack[metrics]" in done.stderr
