"""The pages on settings and lint link and name what there is. That they are committed, `test_generated` tells."""

import json
from pathlib import Path

from docs.generate import settings, verdicts

from lastack.settings.catalogue.rows import SETTINGS
from tests.cli.running import lastack


def test_every_setting_is_linked_to_its_own_words() -> None:
    """The overview names each, and the page that it points to has its heading."""
    overview = settings.page()
    for row in SETTINGS.values():
        assert f"[{row.key}](settings/" in overview
    headings = "\n".join(page() for page in settings.FAMILY_PAGES.values())
    assert all(f"\n## {key}\n" in headings for key in SETTINGS)


def test_the_documents_have_the_keys_that_the_page_names(tmp_path: Path) -> None:
    """Of lint with and without --system, and of explain."""
    for folder, value in (("usr/lib/sysctl.d", 30), ("etc/sysctl.d", 15)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / f"{value}.conf").write_text(f"net.ipv4.tcp_fin_timeout = {value}\n")
    document = json.loads(lastack("lint", "--system", "--root", str(tmp_path), "--json").stdout)
    assert list(document) == [*verdicts.LINT, *verdicts.SYSTEM]
    assert list(document["lines"][0]) == list(verdicts.LINE)
    (winner,) = document["winners"]
    assert list(winner) == list(verdicts.WINNER)
    assert list(winner["overridden"][0]) == list(verdicts.SETTER)
    page = json.loads(lastack("explain", "--json", "TIME_WAIT").stdout)
    assert list(page) == list(verdicts.EXPLAIN)
    assert list(page["sections"][0]) == list(verdicts.SECTION)
