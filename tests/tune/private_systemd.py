"""A systemd of one's own: pid 1 of a private pid namespace, with its own files, network, users and control groups.

Its root is an ordinary user outside, so that nothing in there can change a setting of the machine. Run as a program,
this boots one and stays until it ends; ``booted`` runs the program, and commands beside that systemd.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lastack.lab.syscalls import KINDS, Kind, die_with_parent, make_mounts_private, mount_proc, unshare

__all__ = ["System", "booted"]

_SYSTEMD = "/lib/systemd/systemd"
_FIRST_ID = 100_000  # of the user that is root in there
_GROUPS = Path("/sys/fs/cgroup")
_OUR_GROUP = "lastack-test"
_MORE_KINDS = (Kind("uts", 0x04000000), Kind("ipc", 0x08000000), Kind("cgroup", 0x02000000))
_FRESH = ("/run", "/tmp", "/var/lib", "/var/log", "/etc/sysctl.d")  # noqa: S108 - mounted over, not written into
_TARGET = "[Unit]\nDescription=nothing\nDefaultDependencies=no\nAllowIsolate=yes\n"
_PATIENCE_S = 30
_NOSUID_NODEV_NOEXEC, _BIND = 0xE, 0x1000

_libc = ctypes.CDLL(None, use_errno=True)


class System:
    """A systemd that is up.

    Args:
        pid: its process, as seen from outside.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in there, as root."""
        enter = ["nsenter", "-t", str(self._pid), "-U", "-m", "-n", "-p", "-u", "-i", "-S", "0", "-G", "0", "--wd=/"]
        return subprocess.run([*enter, *command], capture_output=True, text=True, check=False)


@contextmanager
def booted() -> Iterator[System]:
    """A systemd for the length of the block; the test is skipped where there cannot be one."""
    if os.geteuid() != 0 or not Path(_SYSTEMD).exists() or not shutil.which("nsenter"):
        pytest.skip("a private systemd takes root, systemd and nsenter")
    program = [sys.executable, __file__]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment) as keeper:
        try:
            assert keeper.stdout is not None
            answer = keeper.stdout.readline().strip()
            if not answer.isdecimal():
                pytest.skip(f"no private systemd here: {answer}")
            system = System(int(answer))
            _await(system)
            yield system
        finally:
            keeper.kill()
            keeper.wait()
            _remove_groups()


def _await(system: System) -> None:
    until = time.monotonic() + _PATIENCE_S
    while system.run("systemctl", "is-system-running").stdout.strip() not in {"running", "degraded"}:
        if time.monotonic() > until:
            pytest.skip("the private systemd does not come up")
        time.sleep(0.1)


def _remove_groups() -> None:
    until = time.monotonic() + _PATIENCE_S
    for top in _our_groups():
        while top.exists() and time.monotonic() < until:  # until the kernel has ended what was in there
            for folder, _, _ in os.walk(top, topdown=False):
                with suppress(OSError):
                    Path(folder).rmdir()


def _our_groups() -> list[Path]:
    """Where systemd keeps its control groups: one tree, or with the older interface two."""
    older = [_GROUPS / name for name in ("systemd", "unified") if (_GROUPS / name / "cgroup.procs").exists()]
    return [tree / _OUR_GROUP for tree in older or [_GROUPS]]


def _boot() -> None:
    """Make the namespaces and become the parent of a systemd in them; print its pid."""
    for group in _our_groups():
        group.mkdir()
        for file in (group, *(group / name for name in ("cgroup.procs", "cgroup.subtree_control", "tasks"))):
            if file.exists():
                os.chown(file, _FIRST_ID, _FIRST_ID)
        (group / "cgroup.procs").write_text(str(os.getpid()))
    unshare(KINDS[1])
    make_mounts_private()
    _uncover(Path(sys.base_prefix))
    _become_root_of_a_user_namespace()
    for kind in (KINDS[1], KINDS[2], *_MORE_KINDS, KINDS[3]):
        unshare(kind)
    child = os.fork()
    if child == 0:
        die_with_parent()
        _be_systemd()
    _say(child)
    os.waitpid(child, 0)


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _uncover(kept: Path) -> None:
    """Where the interpreter lies below a folder that is root's alone, show nothing but it there."""
    top = Path("/", kept.parts[1])
    if top.stat().st_mode & 0o001:
        return
    _mount(str(kept), "/mnt", "", _BIND)
    _mount("none", str(top), "tmpfs", 0, "mode=755")
    kept.mkdir(parents=True)
    _mount("/mnt", str(kept), "", _BIND)


def _become_root_of_a_user_namespace() -> None:
    mapped, mapper = os.pipe()
    unshared, unsharer = os.pipe()
    parent = os.getpid()
    if os.fork() == 0:
        os.read(unshared, 1)
        for which in ("uid_map", "gid_map"):
            Path(f"/proc/{parent}/{which}").write_text(f"0 {_FIRST_ID} 65536\n", "ascii")
        os.write(mapper, b".")
        os._exit(0)
    unshare(KINDS[0])
    os.write(unsharer, b".")
    os.read(mapped, 1)
    os.wait()
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    os.setgroups([])
    die_with_parent()


def _be_systemd() -> None:
    mount_proc()
    trees = [group.parent for group in _our_groups()]
    for folder in _FRESH:
        if Path(folder).is_dir():
            _mount("none", folder, "tmpfs", 0, "mode=755")
    if trees != [_GROUPS]:
        _mount("none", str(_GROUPS), "tmpfs", 0, "mode=755")
    for tree in trees:
        tree.mkdir(exist_ok=True)
        older = tree.name == "systemd"
        _mount("cgroup", str(tree), "cgroup" if older else "cgroup2", _NOSUID_NODEV_NOEXEC, "name=systemd" * older)
    units = Path("/run/systemd/system")
    units.mkdir(parents=True)
    (units / "nothing.target").write_text(_TARGET)
    options = ["--system", "--unit=nothing.target", "--log-target=null", "--show-status=0"]
    environment = {"container": "lxc", "PATH": os.environ["PATH"]}
    os.execve(_SYSTEMD, [_SYSTEMD, *options], environment)  # noqa: S606 - no shell is wanted


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    if _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()):
        number = ctypes.get_errno()
        raise OSError(number, f"{target}: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        _boot()
    except OSError as error:
        _say(error)
