"""The table of ports says what ``Roles`` says, of rows as they stand in a dump."""

import pytest

from lastack.kernel.port_table import LOCAL_PORT, REMOTE_PORT, PortTable
from lastack.model.cohorts import Roles

STRIDE = 72

CASES = [
    ([], (32_768, 60_999)),
    ([80, 443, 32_768, 40_001, 60_999], (32_768, 60_999)),
    ([1, 65_535], (1, 65_535)),
    ([8080], (1024, 1024)),
    ([8080], (1025, 65_000)),
]


def rows(pairs: list[tuple[int, int]]) -> memoryview:
    """Messages with these local and remote ports, and nothing else."""
    messages = bytearray(STRIDE * len(pairs))
    for at, (local, remote) in enumerate(pairs):
        message = at * STRIDE
        messages[message + LOCAL_PORT : message + LOCAL_PORT + 2] = local.to_bytes(2, "big")
        messages[message + REMOTE_PORT : message + REMOTE_PORT + 2] = remote.to_bytes(2, "big")
    return memoryview(messages)


@pytest.mark.parametrize("remote", [80, 50_000])
@pytest.mark.parametrize(("listening", "ephemeral"), CASES)
def test_of_every_port(listening: list[int], ephemeral: tuple[int, int], remote: int) -> None:
    """All 65,536, against a service's port and an ephemeral one."""
    table, roles = PortTable(listening, ephemeral), Roles(listening, ephemeral)
    pairs = [(local, remote) for local in range(1 << 16)]
    made = rows(pairs)
    assert list(map(bool, table.passive(made, STRIDE))) == [roles.is_passive(*pair) for pair in pairs]
    assert list(map(bool, table.of_bind(made, STRIDE))) == [roles.is_of_bind(local) for local, _ in pairs]


def test_rows_without_a_service_of_their_own() -> None:
    """The remote ports are not even looked at."""
    table = PortTable([443], (32_768, 60_999))
    assert table.passive(rows([(443, 50_000), (40_000, 443), (443, 1)]), STRIDE) == b"\1\0\1"
