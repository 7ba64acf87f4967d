"""Numbers as people read them."""

from lastack.doctor.wording import counted, megabytes, one_decimal, percent, span


def test_wording() -> None:
    """Thousands, plurals, units."""
    assert counted(1, "port") == "1 port"
    assert counted(28_232, "port") == "28,232 ports"
    assert counted(2, "process", "processes") == "2 processes"
    assert megabytes(13_070_327) == "13.1 MB"
    assert span(6_422_272, 13_070_327) == "6.4 to 13.1 MB"
    assert span(33 * 256, 33 * 521) == "8.4 to 17.2 kB"
    assert one_decimal(3.14159) == 3.1
    assert percent(125, 1195) == 10.5
    assert percent(0, 0) == 0.0
