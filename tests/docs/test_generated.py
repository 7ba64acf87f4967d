"""The reference pages are what the tables say."""

import pytest
from docs.generate.markdown import attributes, table, text
from docs.generate.pages import PAGES, drift

from lastack.model.sample import Listener


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_its_table_says(name: str) -> None:
    """A generated page is committed as it would be generated now; `make docs` makes it so."""
    assert drift(name) == ""


def test_text_is_not_taken_for_markup() -> None:
    """Angle brackets survive outside of code, and code keeps them as they are."""
    assert text("STATE<TAB>N of ``dict[<str>]``") == "STATE&lt;TAB>N of `dict[<str>]`"


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    """What stands in a table cell stays in it."""
    assert table(["type"], [["`int | None`"]]).splitlines()[-1] == "| `int \\| None` |"


def test_descriptions_come_from_the_docstring() -> None:
    """Each attribute of a structure has its description, continued lines included."""
    found = attributes(Listener)
    assert list(found) == list(Listener.__struct_fields__)
    assert found["port"] == "its port."
    assert found["backlog"].endswith("None: as above.")
