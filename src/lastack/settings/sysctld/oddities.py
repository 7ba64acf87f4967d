"""Characters that look like nothing, like a space, or like another character, and are none of that to the kernel.

They come with text copied from web pages and word processors.
"""

from typing import NamedTuple

__all__ = ["Oddity", "find_oddity", "without_oddities"]


class Oddity(NamedTuple):
    """What a character is called, and what belongs in its place; None where that cannot be known."""

    name: str
    instead: str | None


_ODDITIES = {
    "\0": Oddity("a NUL byte", None),
    "\r": Oddity("a carriage return in the middle", None),
    "\v": Oddity("a vertical tab", " "),
    "\f": Oddity("a form feed", " "),
    "\u00a0": Oddity("a no-break space", " "),
    "\u3000": Oddity("an ideographic space", " "),
    "\u00ad": Oddity("a soft hyphen", ""),
    "\u200b": Oddity("a zero-width space", ""),
    "\u200c": Oddity("a zero-width non-joiner", ""),
    "\u200d": Oddity("a zero-width joiner", ""),
    "\u2060": Oddity("a word joiner", ""),
    "\ufeff": Oddity("a byte order mark", ""),
    "\u2010": Oddity("a hyphen that is no minus", "-"),
    "\u2011": Oddity("a hyphen that is no minus", "-"),
    "\u2013": Oddity("an en dash", "-"),
    "\u2014": Oddity("an em dash", "-"),
    "\u2212": Oddity("a minus sign that is no ASCII minus", "-"),
    "\u2018": Oddity("a curly quote", ""),
    "\u2019": Oddity("a curly quote", ""),
    "\u201c": Oddity("a curly quote", ""),
    "\u201d": Oddity("a curly quote", ""),
    "\uff1d": Oddity("a full-width equals sign", "="),
}


def find_oddity(text: str, key_length: int) -> str:
    """What is odd about the first odd character, as a clause with its column; the empty string if nothing is.

    Beyond ``key_length`` characters a value may hold any printable character; a key is plain ASCII.
    """
    for column, character in enumerate(text, start=1):
        if " " <= character <= "~" or character == "\t":
            continue
        name = _name(character)
        if name or column <= key_length:
            return f"{name or f'the character {character} (U+{ord(character):04X})'} stands in column {column}"
    return ""


def without_oddities(text: str) -> str | None:
    """The text with each odd character replaced by what was meant, or None where that cannot be known."""
    result = []
    for character in text:
        oddity = _ODDITIES.get(character)
        if oddity is None and not (" " <= character <= "~" or character == "\t"):
            return None
        if oddity and oddity.instead is None:
            return None
        result.append((oddity.instead or "") if oddity else character)
    return "".join(result)


def _name(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"a byte that is no UTF-8 (0x{ord(character) & 0xFF:02X})"
    if character not in _ODDITIES and character.isprintable():
        return ""
    name = _ODDITIES[character].name if character in _ODDITIES else "a control character"
    return f"{name} (U+{ord(character):04X})"
