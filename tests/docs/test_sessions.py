"""Every command output in the documentation is what the command prints."""

from pathlib import Path

import pytest
from docs.scenes import SCENES
from docs.sessions import ROOT, Session, Step, differences, documents, perform, sessions, updated

from tests.docs.stage import staged

SESSIONS = [session for document in documents() for session in sessions(document)]


@pytest.mark.parametrize("session", SESSIONS, ids=lambda one: f"{one.document.relative_to(ROOT)}:{one.line}")
def test_shown_output_is_real(session: Session, tmp_path: Path) -> None:
    """The commands of a session, run again in its scene, print what the page shows; `make docs` writes it anew."""
    assert session.scene in SCENES
    with staged(SCENES[session.scene], tmp_path) as run:
        changed = differences(session.steps, perform(session, run))
    assert not changed, f"\n{changed}"


def test_every_console_block_is_a_session() -> None:
    """No output stands in a page unchecked: each block of output names its scene and begins with a command."""
    for document in documents():
        blocks = document.read_text("utf-8").count("```console\n")
        found = sessions(document)
        assert len(found) == blocks
        assert all(session.scene and session.steps for session in found), document


def test_a_wrong_number_is_a_difference_and_a_volatile_one_is_not() -> None:
    """What no two runs share is left out of the comparison; everything else counts."""
    shown = (Step("lastack census", "9 TCP sockets   Linux 5.10.0   net:[4026531840]   sock_diag\n"),)
    same = [Step("lastack census", "9 TCP sockets   Linux 6.18.44-x   net:[1]   sock_diag\n")]
    other = [Step("lastack census", "8 TCP sockets   Linux 5.10.0   net:[4026531840]   sock_diag\n")]
    assert differences(shown, same) == ""
    assert "-9 TCP sockets" in differences(shown, other)


def test_a_page_is_rewritten_only_where_it_is_wrong(tmp_path: Path) -> None:
    """An update puts the real output into a block, continued commands included, and keeps the rest as it is."""
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n<!-- scene: shell -->\n```console\n$ echo right\nright\n```\n\n"
        "<!-- scene: shell -->\n```console\n$ printf '%s\\n' \\\n> one two\nwrong\n```\nend\n"
    )
    assert updated(page) == page.read_text().replace("wrong", "one\ntwo")
