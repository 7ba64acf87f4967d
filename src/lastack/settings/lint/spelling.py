"""What somebody meant who wrote a key that no kernel has.

A key is found again by its name without its folder (``net.ipv4.somaxconn``, ``tcp_tw_reuse``), by any separators
and any case, and with up to one letter added, lost, changed or swapped with its neighbour. Two names that become
equal when each loses at most one letter are such a pair, so one look-up per letter is enough.
"""

from collections.abc import Iterable, Iterator

__all__ = ["Speller"]

_SHORTEST = 6  # letters: shorter names are one letter away from each other


class Speller:
    """Finds keys by what they were meant to be.

    Args:
        keys: the dotted keys that there are. Where several fit, the first one is taken.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._by_name: dict[str, str] = {}
        self._by_rest: dict[str, str] = {}
        for key in keys:
            self._by_name.setdefault(_name(key), key)
        for name, key in self._by_name.items():
            for rest in _rests(name):
                self._by_rest.setdefault(rest, key)

    def nearest(self, key: str) -> str | None:
        """The key that was meant, or None if that is not plain. A key that there is finds itself.

        >>> Speller(["net.ipv4.tcp_max_tw_buckets"]).nearest("net.ipv4.tcp_max_tw_bucket")
        'net.ipv4.tcp_max_tw_buckets'
        """
        name = _name(key)
        if name in self._by_name:
            return self._by_name[name]
        return next((self._by_rest[rest] for rest in _rests(name) if rest in self._by_rest), None)


def _name(key: str) -> str:
    """What is left of a key without folder, case and the ways to part its words."""
    return key.replace("/", ".").rpartition(".")[2].lower().replace("-", "_")


def _rests(name: str) -> Iterator[str]:
    """The name, and the name less each of its letters."""
    if _SHORTEST <= len(name) <= 64:
        yield name
        for at in range(len(name)):
            yield name[:at] + name[at + 1 :]
