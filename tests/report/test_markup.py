"""HTML from values."""

from html.parser import HTMLParser

from lastack.report.markup import add, new, number, page, titled

_EVIL = """</style><script>alert(1)</script>" onload="x' & <b>"""


class _Reader(HTMLParser):
    """Notes elements, attributes and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_whatever_a_text_says_it_stays_text() -> None:
    """In elements, attributes and the title."""
    body = new("body")
    add(body, "p", _EVIL, title=_EVIL)
    body.append(titled(new("circle", r=1), _EVIL))
    reader = _Reader()
    reader.feed(page(_EVIL, "p { color: red }", body))
    assert reader.tags == ["html", "head", "meta", "meta", "meta", "title", "style", "body", "p", "circle", "title"]
    assert reader.attributes["title"] == _EVIL
    assert reader.texts.count(_EVIL) >= 2


def test_nothing_may_be_loaded_or_run() -> None:
    """The page itself says so to the browser."""
    reader = _Reader()
    reader.feed(page("x", "", new("body")))
    assert reader.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert reader.attributes["http-equiv"] == "Content-Security-Policy"


def test_numbers_are_short() -> None:
    """A hundredth of a pixel is enough."""
    assert [number(value) for value in (1.0, 2.345678, 100.5, "x")] == ["1", "2.35", "100.5", "x"]
