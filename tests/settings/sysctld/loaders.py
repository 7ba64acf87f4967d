"""procps' sysctl and systemd-sysctl, really run: the second source for what files do."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

__all__ = ["KEYS", "PROCPS", "SYSTEMD", "load"]

PROCPS = shutil.which("sysctl", path="/usr/sbin:/sbin:/usr/bin:/bin")
SYSTEMD = shutil.which("systemd-sysctl", path="/usr/lib/systemd:/lib/systemd")

# Settings that any private namespace has, each with the value that a test begins with.
KEYS = {
    "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_tw_reuse": "2",
    "net.ipv4.tcp_keepalive_time": "7200",
    "net.ipv4.tcp_keepalive_intvl": "75",
    "net.ipv4.tcp_keepalive_probes": "9",
}


def load(contents: Mapping[str, bytes], folder: str) -> dict[str, dict[str, dict[str, str]]]:
    """Load each file by each program, from the beginning: file name, program, key to value afterwards.

    To be called in a private namespace.
    """
    return {
        name: {
            program: _load(command, Path(folder, name), content)
            for program, command in (("procps", [PROCPS, "-p"]), ("systemd", [SYSTEMD]))
        }
        for name, content in contents.items()
    }


def _load(command: list[str | None], path: Path, content: bytes) -> dict[str, str]:
    path.write_bytes(content)
    for key, value in KEYS.items():
        _file(key).write_text(f"{value}\n", "ascii")
    subprocess.run([*filter(None, command), str(path)], capture_output=True, check=False)
    return {key: _file(key).read_text("ascii").strip() for key in KEYS}


def _file(key: str) -> Path:
    return Path("/proc/sys", *key.split("."))
