"""``lastack plan`` as a user runs it."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE
from time import monotonic, sleep

from lastack.lab import Cohort, Lab
from lastack.plan.document import decode
from tests.cli.running import lastack, lastack_in
from tests.kernel.private import unavailable

FIN = "net.ipv4.tcp_fin_timeout"

_CROWD = """
import socket, sys
crowd = [socket.create_connection((sys.argv[1], 80)) for _ in range(50)]
print(flush=True)
input()
"""


def test_findings_become_steps_the_application_first() -> None:
    """Ten ports, all in TIME_WAIT towards one destination: a pool of connections comes before any setting."""
    with Lab() as lab:
        lab.server.set({"net.ipv4.ip_local_port_range": "40000 40009"})
        lab.populate([Cohort("ESTABLISHED", 9, active=True, port=5432)])
        done = lastack_in(lab, "plan")
    assert done.returncode == 0, done.stderr
    plan = decode(done.stdout.encode(), "plan")
    assert plan.steps[0].kind == "application"
    assert ("net.ipv4.ip_local_port_range", "10240 65535") in plan.settings
    assert plan.steps[0].because.startswith("ephemeral-ports")


def test_a_real_nginx_is_told_what_to_write(tmp_path: Path) -> None:
    """One that has as many connections as it may open files: its lines, for its process, from nginx's own page."""
    with Lab() as lab, _nginx_full(lab, tmp_path) as pid:
        done = lastack_in(lab, "plan")
        assert done.returncode == 0, done.stderr
        plan = tmp_path / "plan"
        plan.write_text(done.stdout)
        shown = lastack_in(lab, "apply", str(plan), "--dry-run").stdout
    step = next(step for step in decode(done.stdout.encode(), "plan").steps if step.lines)
    assert step.process == f"nginx/{pid}"
    assert step.lines == ["worker_rlimit_nofile 65536;"]
    assert step.source == "https://nginx.org/en/docs/ngx_core_module.html#worker_rlimit_nofile"
    assert "\n      worker_rlimit_nofile 65536;\n" in shown
    assert "\n#     worker_rlimit_nofile 65536;\n" in lastack("export", str(plan), "--to=sysctl.d").stdout


@contextmanager
def _nginx_full(lab: Lab, folder: Path) -> Iterator[int]:
    """An nginx that may open 64 files, and fifty clients that stay; its pid in the lab."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or unavailable("nginx is not installed")
    address = lab.links[0].server(4)
    temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{name}_temp_path {folder}/{name}; " for name in temporary)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; user root; pid {folder}/pid; events {{ worker_connections 60; }} "
        f"http {{ access_log off; {paths} server {{ listen {address}:80; }} }}"
    )
    command = f"ulimit -n 64; exec {nginx} -e stderr -c {folder}/nginx.conf"
    with lab.server.popen(["sh", "-c", command], stderr=DEVNULL) as process:
        try:
            _wait(lambda: (folder / "pid").exists() and (folder / "pid").read_text().strip())
            crowd = [sys.executable, "-c", _CROWD, address]
            with lab.client.popen(crowd, stdin=PIPE, stdout=PIPE) as clients:
                assert clients.stdout is not None
                assert clients.stdout.readline()
                yield int((folder / "pid").read_text())
                clients.kill()
        finally:
            process.kill()


def _wait(condition: Callable[[], object]) -> None:
    end = monotonic() + 10
    while not condition():
        assert monotonic() < end
        sleep(0.01)


def test_a_healthy_host_gets_an_empty_plan_with_its_reason() -> None:
    """On stdout as a plan, on stderr as a sentence; and that is fine."""
    with Lab() as lab:
        done = lastack_in(lab, "plan")
    assert done.returncode == 0
    plan = decode(done.stdout.encode(), "plan")
    assert plan.steps == []
    assert plan.summary.startswith("Nothing to change: ")
    assert plan.summary in done.stderr


def test_a_file_is_linted_first(tmp_path: Path) -> None:
    """What the linter rejects is left out, and said."""
    recipe = tmp_path / "recipe.conf"
    recipe.write_text("net.ipv4.tcp_tw_recycle = 1\nnet.ipv4.tcp_keepalive_time = 1200\n")
    with Lab() as lab:
        done = lastack_in(lab, "plan", f"--from-file={recipe}")
        piped = lastack_in(lab, "plan", "--from-file=-", stdin=recipe.read_text())
    assert done.returncode == 0
    plan = decode(done.stdout.encode(), "plan")
    assert plan.settings == [("net.ipv4.tcp_keepalive_time", "1200")]
    assert [item.where for item in plan.left_out] == [f"line 1 of {recipe}"]
    assert "left out: net.ipv4.tcp_tw_recycle = 1" in done.stderr
    assert decode(piped.stdout.encode(), "plan").settings == plan.settings


def test_a_wish_that_cannot_be_granted_is_a_failure() -> None:
    """So that a script notices; one that is granted already is none."""
    with Lab() as lab:
        assert lastack_in(lab, "plan", "--set=net.ipv4.tcp_tw_recycle=1").returncode == 1
        assert lastack_in(lab, "plan", f"--set={FIN}=60").returncode == 0
        done = lastack_in(lab, "plan", f"--set={FIN}=30\nnet.core.somaxconn=1")
    assert (done.returncode, "on one line" in done.stderr) == (2, True)


def test_the_plan_names_its_host(tmp_path: Path) -> None:
    """Machine, boot, kernel and namespace, for apply to compare."""
    with Lab() as lab:
        done = lastack_in(lab, "plan", f"--set={FIN}=30", "--json")
        netns = lab.server.run(["readlink", "/proc/self/ns/net"], capture_output=True, text=True).stdout.strip()
    document = json.loads(done.stdout)
    assert document["schema"] == "lastack.plan/1"
    assert (document["host"], document["kernel"]) == (os.uname().nodename, os.uname().release)
    assert document["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert document["netns"] == netns
    assert not list(tmp_path.iterdir())


def test_the_file_is_written_in_one_step_through_no_link(tmp_path: Path) -> None:
    """A link in its place is replaced, not followed."""
    victim, target = tmp_path / "victim", tmp_path / "plan"
    victim.write_text("x")
    target.symlink_to(victim)
    with Lab() as lab:
        assert lastack_in(lab, "plan", f"--set={FIN}=30", "-o", str(target)).returncode == 0
    assert victim.read_text() == "x"
    assert decode(target.read_bytes(), "plan").settings == [(FIN, "30")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan", "victim"]


def test_findings_and_wishes_are_two_questions() -> None:
    """--interval belongs to the one."""
    done = lastack("plan", "--set", f"{FIN}=30", "--interval=1s")
    assert (done.returncode, "--interval is for findings" in done.stderr) == (2, True)
