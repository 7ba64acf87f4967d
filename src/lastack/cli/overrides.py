"""Whether another file of sysctl.d has the last word on what lastack wrote into its own."""

from collections.abc import Iterator, Sequence

from lastack.errors import LastackError
from lastack.kernel.sysctl_files import Named, read_system
from lastack.plan.value import same
from lastack.settings.lint.judge import read_files
from lastack.settings.sysctld.loading import Loaded
from lastack.tune.record import FileLine, Persisting

__all__ = ["overrides"]


def overrides(persisting: Persisting) -> list[str]:
    """For each setting that a boot will not give our value: who sets another one, a sentence."""
    try:
        system = read_system("")
    except LastackError as error:
        return [f"whether another file overrides {persisting.path} cannot be told: {error.message}"]
    found = [*_overriding(system.files, persisting.lines), *_overriding(system.others, persisting.lines)]
    return list(dict.fromkeys(found))


def _overriding(files: Sequence[Named], lines: Sequence[FileLine]) -> Iterator[str]:
    entries = read_files(files)
    loaded = Loaded(entries, [False] * len(entries), [line.key for line in lines], takes=lambda _key, _value: True)
    for line in lines:
        winner = loaded.setters[line.key][-1] if line.key in loaded.setters else None
        if winner and not same(line.key, winner.value, line.wanted):
            yield f"{winner.where} comes later, sets {line.key} = {winner.value}, and wins at boot: change it there"
