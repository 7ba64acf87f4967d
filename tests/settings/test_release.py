"""Kernel releases are read as `uname -r` prints them, and compared as kernels were released."""

import pytest

from lastack.errors import InputError
from lastack.settings.release import parse_release, since


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5.4", (5, 4)),
        ("6.18.44-fc-v669", (6, 18)),
        ("5.15.0-91-generic", (5, 15)),
        ("4.18.0-553.el8_10.x86_64", (4, 18)),
        ("6.1.0-18-amd64", (6, 1)),
        ("2.6.32-754.el6.x86_64", (2, 6, 32)),
        ("7.1-rc3", (7, 1)),
        ("10.0.1", (10, 0)),
        ("v6.6", (6, 6)),
    ],
)
def test_releases_of_many_makers_are_read(text: str, number: tuple[int, ...]) -> None:
    """What distributions append changes nothing about the number; of 2.6 the third number was the release."""
    assert parse_release(text).number == number


@pytest.mark.parametrize("text", ["", "latest", "6", "six.one", "5.4.3.2.1.", "1.2.13", "6.1234", "5.", "-5.4"])
def test_anything_else_is_an_error_that_names_it(text: str) -> None:
    """What no kernel would print is refused, with the text."""
    with pytest.raises(InputError, match=f"^{text!r} is no kernel release") as caught:
        parse_release(text)
    assert caught.value.slug == "bad-kernel-release"


def test_order_is_by_number_not_by_text() -> None:
    """4.10 is later than 4.9, every release than the empty string, and none than itself."""
    assert since(parse_release("4.10"), "4.9")
    assert not since(parse_release("4.9.115"), "4.10")
    assert since(parse_release("2.6.32"), "2.6.31")
    assert since(parse_release("3.0"), "2.6.39")
    assert since(parse_release("6.18.19"), "6.18")
    assert since(parse_release("2.6.24"), "")
