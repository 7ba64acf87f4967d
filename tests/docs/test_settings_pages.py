"""The pages on settings link and name what there is. That they are committed, `test_generated` tells."""

from docs.generate import settings

from lastack.settings.catalogue.rows import SETTINGS


def test_every_setting_is_linked_to_its_own_words() -> None:
    """The overview names each, and the page that it points to has its heading."""
    overview = settings.page()
    for row in SETTINGS.values():
        assert f"[{row.key}](settings/" in overview
    headings = "\n".join(page() for page in settings.FAMILY_PAGES.values())
    assert all(f"\n## {key}\n" in headings for key in SETTINGS)
