"""`lastack lint` as a user runs it: files, standard input, a whole host, another kernel, --fix, bad input."""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lastack.settings.catalogue.rows import SETTINGS
from tests.cli.running import Done, lastack
from tests.kernel.private import NEWNET, NEWNS, NEWUSER, bind_mount, run_private
from tests.settings.cases import RECIPE
from tests.settings.sysctld.loaders import PROCPS, SYSTEMD

VERDICTS = ["no-effect", "ok", "removed", "hazard", "no-effect", "ok", "hazard"]


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    """The article's lines in a file."""
    path = tmp_path / "recipe.conf"
    path.write_text(RECIPE, "utf-8")
    return str(path)


def lines(done: Done) -> list[dict[str, Any]]:
    """The verdicts of a JSON document."""
    document = json.loads(done.stdout)
    assert document["schema"] == "lastack.lint/1"
    found: list[dict[str, Any]] = document["lines"]
    return found


def test_the_recipe_in_a_fresh_namespace_gets_its_verdicts_and_exit_code_1(recipe: str) -> None:
    """Its defaults are live there, whatever this host was tuned to."""
    done = run_private(lastack, "lint", "--json", recipe)
    assert done.returncode == 1
    found = lines(done)
    assert [item["verdict"] for item in found] == VERDICTS
    assert [item["line"] for item in found] == [1, 2, 3, 4, 5, 6, 7]
    assert found[0].keys() == {"file", "line", "key", "value", "verdict", "message", "better"}
    assert (found[6]["file"], found[6]["key"], found[6]["value"]) == (
        recipe,
        "net.ipv4.ip_local_port_range",
        "1024 65000",
    )


def test_text_names_file_line_verdict_and_reason(recipe: str) -> None:
    """One headline a line, the reason below it, the sum at the end; nothing on stderr."""
    done = lastack("lint", "--kernel", "6.18", recipe)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"{recipe}:3: removed      net.ipv4.tcp_tw_recycle = 1\n    Linux 4.12 removed it" in done.stdout
    assert done.stdout.endswith("7 lines: 2 ok, 2 no-effect, 2 hazard, 1 removed\n")


def test_standard_input_and_exit_code_0() -> None:
    """A file without harm, from a pipe."""
    done = lastack("lint", "--kernel", "6.18", "-", stdin="net.ipv4.tcp_tw_reuse = 1\n# end")
    assert done.returncode == 0
    assert done.stdout.startswith("-:1: ok ")


def test_several_files_are_loaded_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    """The later file wins."""
    (tmp_path / "a").write_text("net.ipv4.tcp_fin_timeout = 30\n")
    (tmp_path / "b").write_text("net.ipv4.tcp_fin_timeout = 15\n")
    found = lines(lastack("lint", "--json", "--kernel", "6.18", str(tmp_path / "b"), str(tmp_path / "a")))
    assert [item["verdict"] for item in found] == ["overridden", "ok"]


def test_another_kernel_is_judged_by_its_release(recipe: str) -> None:
    """4.9 had tcp_tw_recycle; a release that is none is an error with a hint."""
    assert lines(lastack("lint", "--json", "--kernel", "4.9", recipe))[2]["verdict"] == "hazard"
    done = lastack("lint", "--kernel", "latest", recipe)
    assert done.returncode == 2
    assert done.stderr.startswith("lastack: 'latest' is no kernel release\nhint: ")


def test_fix_prints_the_file_as_it_should_be_and_nothing_else(recipe: str) -> None:
    """Twice changes no more, and what is fixed passes."""
    once = lastack("lint", "--fix", "--kernel", "6.18", recipe)
    assert once.returncode == 0
    assert "\nnet.ipv4.tcp_tw_recycle" not in once.stdout
    twice = lastack("lint", "--fix", "--kernel", "6.18", "-", stdin=once.stdout)
    assert twice.stdout == once.stdout
    assert lastack("lint", "--kernel", "6.18", "-", stdin=once.stdout).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--system", "x"],
        ["--root", "/x", "y"],
        ["--fix", "a", "b"],
        ["--fix", "--system"],
        ["--fix", "--json", "a"],
        ["--kernel", "5.4", "--netns", "1", "a"],
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: list[str]) -> None:
    """Exit code 2, one line that says why, a hint."""
    done = lastack("lint", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 2


@pytest.mark.parametrize("path", ["/nonexistent/file", "/", "/dev/zero"])
def test_what_cannot_be_read_is_an_error(path: str) -> None:
    """No such file, a folder, a file without end: exit code 2, and no long wait."""
    done = lastack("lint", path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"lastack: {path}: ")


def test_binary_junk_gets_verdicts() -> None:
    """And its control characters do not reach the terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "lastack", "lint", "--kernel", "6.18", "-"],
        input=bytes(range(256)) * 4,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
    assert b"\0" not in done.stdout


def test_a_namespace_is_judged_by_its_own_values(recipe: str) -> None:
    """--netns of the test's own process works without privilege."""
    assert lastack("lint", "--netns", "/proc/self/ns/net", recipe).returncode == 1


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A system with three files that disagree, one of which masks a fourth."""
    for folder in ("etc/sysctl.d", "run/sysctl.d", "usr/lib/sysctl.d", "usr/lib/systemd"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr/lib/systemd/systemd-sysctl").touch()
    (tmp_path / "lib").symlink_to("usr/lib")
    (tmp_path / "usr/lib/sysctl.d/50-vendor.conf").write_text("net.ipv4.tcp_fin_timeout = 30\n")
    (tmp_path / "usr/lib/sysctl.d/90-web.conf").write_text("net.ipv4.tcp_fin_timeout = 5\n")
    (tmp_path / "etc/sysctl.d/90-web.conf").write_text("net.ipv4.tcp_fin_timeout = 15\n")
    (tmp_path / "etc/sysctl.conf").write_text("net.ipv4.tcp_fin_timeout = 20\n")
    return tmp_path


def test_a_conflict_of_three_files_is_explained(planted: Path) -> None:
    """Order, mask, winner, the other loader's winner, and the live value that none of them set."""
    done = run_private(lastack, "lint", "--system", "--root", str(planted))
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    for words in (
        "systemd-sysctl reads them",
        "/usr/lib/sysctl.d/90-web.conf is not read: /etc/sysctl.d/90-web.conf has its name",
        f"'30' by line 1 of {planted}/usr/lib/sysctl.d/50-vendor.conf, overridden",
        f"'15' by line 1 of {planted}/etc/sysctl.d/90-web.conf, wins",
        f"'20' by line 1 of {planted}/etc/sysctl.conf, would win under procps",
        "'60' is live",
    ):
        assert words in text


def test_a_link_to_the_main_file_lets_systemd_read_it_once(planted: Path) -> None:
    """As Debian and Red Hat ship it."""
    (planted / "etc/sysctl.d/99-sysctl.conf").symlink_to("../sysctl.conf")
    document = json.loads(lastack("lint", "--system", "--root", str(planted), "--json").stdout)
    (winner,) = document["winners"]
    assert (winner["value"], winner["other_loader"]) == ("20", None)
    assert [item["file"].removeprefix(str(planted)) for item in document["lines"]] == [
        "/usr/lib/sysctl.d/50-vendor.conf",
        "/etc/sysctl.d/90-web.conf",
        "/etc/sysctl.d/99-sysctl.conf",
    ]


FOLDERS = ("/etc/sysctl.d", "/usr/lib/sysctl.d")


def boot(planted: str, program: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What lint says of this host's files before and after a loader has read them, the planted ones in their place."""
    for folder in FOLDERS:
        bind_mount(f"{planted}{folder}", folder)
    bind_mount(f"{planted}/etc/sysctl.conf", "/etc/sysctl.conf")
    before = lastack("lint", "--system", "--json")
    subprocess.run(program.split(), capture_output=True, check=False)
    after = lastack("lint", "--system", "--json")
    return json.loads(before.stdout), json.loads(after.stdout)


@pytest.mark.skipif(
    not all(map(Path.is_dir, map(Path, FOLDERS))) or not Path("/etc/sysctl.conf").is_file() or not (PROCPS and SYSTEMD),
    reason="this host has not the folders, or not both loaders",
)
@pytest.mark.parametrize(("program", "loader"), [(f"{PROCPS} --system", "procps"), (f"{SYSTEMD}", "systemd")])
def test_after_the_loader_ran_its_winners_are_live(planted: Path, program: str, loader: str) -> None:
    """Both programs, run over the planted files, leave what lint says that each of them leaves."""
    before, after = run_private(boot, str(planted), program, flags=NEWUSER | NEWNET | NEWNS)
    (drifted,), (settled,) = before["winners"], after["winners"]
    assert drifted["drifted"]
    wins = settled if settled_by(after["loader"], loader) else settled["other_loader"]
    assert settled["live"] == wins["value"]


def settled_by(booted: str, loader: str) -> bool:
    """Whether the loader is the one that lint takes this host to boot with."""
    return booted == loader


def processor_s(*command: str) -> float:
    """What a command takes of a processor, its start and end included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_thousand_lines_take_as_long_as_a_dozen_interpreters(tmp_path: Path) -> None:
    """150 ms where the bare one takes 12; the best of several, in turn: what else this machine does slows down both."""
    keys = list(SETTINGS)
    path = tmp_path / "thousand.conf"
    path.write_text("".join(f"{keys[number % len(keys)]} = {number % 7}\n" for number in range(1000)))
    assert lastack("lint", str(path)).stdout.splitlines()[-1].startswith("1000 lines: ")
    bare, ours = (sys.executable, "-c", "pass"), (sys.executable, "-m", "lastack", "lint", str(path))
    took = [(processor_s(*bare), processor_s(*ours)) for _ in range(9)]
    assert min(ours_s for _, ours_s in took) <= 12.5 * min(bare_s for bare_s, _ in took)
