"""Where the shared cases are, and what the tables of kernels in them say."""

from pathlib import Path

import pytest

__all__ = ["RECIPE", "kernel_table"]

_KERNELS = Path(__file__).parents[2].parent / "shared/cases/kernel"

# The lines that the web is full of, as the article has them.
RECIPE = """\
net.ipv4.tcp_syncookies = 1
net.ipv4.tcp_tw_reuse = 1
net.ipv4.tcp_tw_recycle = 1
net.ipv4.tcp_max_tw_buckets = 5000
net.ipv4.tcp_max_syn_backlog = 8192
net.ipv4.tcp_keepalive_time = 1200
net.ipv4.ip_local_port_range = 1024 65000
"""


def kernel_table(name: str) -> dict[str, dict[str, bool]]:
    """Of each key or counter: which of the kernels has it, by release."""
    path = _KERNELS / name
    if not path.exists():
        pytest.skip("the shared cases are not beside this checkout")
    titles, *rows = [line.split("\t") for line in path.read_text("ascii").splitlines()]
    return {name: dict(zip(titles[1:], (cell == "1" for cell in cells), strict=True)) for name, *cells in rows}
