"""Pages as Markdown."""

from lastack.settings.markdown import markdown
from lastack.settings.page import Page, Section


def test_each_part_of_a_page_has_its_form() -> None:
    """Headings, paragraphs, facts, bullets and tables, a blank line apart; nothing is taken for markup."""
    section = Section(
        "Heading",
        ("Text with 2 < 3.",),
        (("name", "a * b"),),
        ("bullet",),
        (("title", "other"), ("cell | cell", "tcp_*")),
    )
    assert list(markdown(Page("state", "NAME", "Summary.", (section,)), level=2)) == [
        "## NAME",
        "",
        "Summary.",
        "",
        "### Heading",
        "",
        "Text with 2 &lt; 3.",
        "",
        "- **name**: a \\* b",
        "",
        "- bullet",
        "",
        "| title | other |",
        "| --- | --- |",
        "| cell \\| cell | tcp_\\* |",
    ]
