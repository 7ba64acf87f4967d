"""HTML and SVG from values: whatever a text says, it stays text.

Elements are those of the standard library's ElementTree, whose serializer escapes every text and attribute.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

__all__ = ["Element", "add", "new", "number", "page", "titled"]

# Nothing is loaded and nothing runs, even if a text were markup after all.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def new(tag: str, text: str = "", **attributes: str | float) -> Element:
    """An element; ``_`` in the names of attributes stands for ``-``, and one at their end for nothing."""
    element = Element(tag, {name.rstrip("_").replace("_", "-"): number(value) for name, value in attributes.items()})
    element.text = text or None
    return element


def add(parent: Element, tag: str, text: str = "", **attributes: str | float) -> Element:
    """A new last child of an element; attributes as for ``new``."""
    child = new(tag, text, **attributes)
    parent.append(child)
    return child


def titled(element: Element, title: str) -> Element:
    """The same SVG element with what a pointer shows that rests on it."""
    SubElement(element, "title").text = title
    return element


def number(value: str | float) -> str:
    """An attribute: coordinates to a hundredth."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def page(title: str, style: str, body: Element) -> str:
    """A whole document; ``body`` is its ``body`` element."""
    root = new("html", lang="en")
    head = add(root, "head")
    add(head, "meta", charset="utf-8")
    add(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    add(head, "meta", http_equiv="Content-Security-Policy", content=_POLICY)
    add(head, "title", title)
    add(head, "style", style)
    root.append(body)
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html") + "\n"
