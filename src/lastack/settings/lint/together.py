"""What a line does that the kernel takes: beside the other lines, and on this host."""

from lastack.settings.catalogue.neighbours import NEIGHBOURS
from lastack.settings.catalogue.row import Setting
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.alone import judge_value
from lastack.settings.lint.checks import CHECKS
from lastack.settings.lint.presence import judge_presence, of_interface
from lastack.settings.lint.scene import Scene
from lastack.settings.lint.values import Bad, numbers, octal, plain
from lastack.settings.lint.verdict import VERDICTS, Judgement, hazard, no_effect, ok
from lastack.settings.sysctld.loading import Entry, Loaded

__all__ = ["judge_together"]

# For a pattern that stands for several settings: the last of these that one of them gets.
_WORST = ("ok", "no-effect", "hazard", "out-of-range", "malformed")

assert set(_WORST) <= set(VERDICTS)


def judge_together(entry: Entry, loaded: Loaded, scene: Scene) -> Judgement:
    """The verdict on a line that nothing is wrong with by itself."""
    line = entry.line
    if line.kind == "exclusion":
        return _exclusion(entry, loaded)
    if line.is_pattern:
        return _pattern(entry, loaded, scene)
    winner = loaded.setters[line.key][-1]
    if not loaded.wins(line.key, entry):
        return _overridden(line.key, line.value, winner.value, winner.where)
    row = SETTINGS.get(line.key)
    return judge_effect(row, line.value, scene) if row else ok(_not_judged(line.key, scene))


def judge_effect(row: Setting, text: str, scene: Scene) -> Judgement:
    """What a value does that wins its key."""
    value = plain(row, text)
    if row.form != "text" and octal(text):
        return hazard(f"a leading zero makes a number octal: the kernel reads {value}", _decimal(row, text))
    check = CHECKS.get(row.key)
    return (
        _restored(row, value, scene)
        or (check(value, scene) if check else None)
        or _default(row, value, scene)
        or _senseless(row, value)
        or ok(_what_it_is(row, value))
    )


def _exclusion(entry: Entry, loaded: Loaded) -> Judgement:
    if entry.line.is_pattern:
        return no_effect("neither program expands a pattern after `-`: name each key that is to be left out")
    if not loaded.has_patterns:
        return no_effect("it keeps the key out of patterns, and there is none in what was read")
    return ok("it keeps the key out of the patterns that match it")


def _pattern(entry: Entry, loaded: Loaded, scene: Scene) -> Judgement:
    value = entry.value
    keys = [key for key in loaded.stands_for(entry) if judge_presence(key, value, scene.view) is None]
    if not keys:
        return ok("it stands for no setting that is judged here (patterns need procps 4.0 or systemd)")
    judged = []
    for key in keys:
        refusal = judge_value(SETTINGS[key], value, scene.view)
        if refusal or loaded.wins(key, entry):
            judged.append((key, refusal or judge_effect(SETTINGS[key], value, scene)))
    if not judged:
        winner = loaded.setters[keys[0]][-1]
        return Judgement("overridden", f"{winner.where} sets what it stands for, and comes last")
    key, worst = max(judged, key=lambda item: _WORST.index(item[1].verdict))
    among = f"among the {len(keys)} settings that it stands for" if len(keys) > 1 else "all that it stands for"
    return Judgement(worst.verdict, f"{key}, {among}: {worst.message}")


def _overridden(key: str, value: str, winning: str, where: str) -> Judgement:
    row = SETTINGS.get(key)
    same = plain(row, value) == plain(row, winning) if row else value == winning
    return Judgement("overridden", f"{where} {'says the same' if same else f'sets it to {winning}'}, and comes last")


def _not_judged(key: str, scene: Scene) -> str:
    if key in NEIGHBOURS:
        return f"not judged: it is about {NEIGHBOURS[key].about}"
    if of_interface(key) and scene.view.has(key) is False:
        return "not judged: it belongs to a network interface that is not here now"
    return "not judged: it does not bear on how TCP connections begin and end"


def _decimal(row: Setting, text: str) -> str:
    return f"{row.key} = {' '.join(word.lstrip('0') or '0' for word in text.split())}"


def _restored(row: Setting, value: str, scene: Scene) -> Judgement | None:
    """The default, where something else had changed it."""
    if value != row.default_in(scene.release):
        return None
    live = scene.live(row.key)
    if live not in {None, value}:
        return ok(f"it puts the default back: {live} is live now")
    changed = [setter for setter in scene.earlier(row.key) if plain(row, setter.value) != value]
    return ok(f"it puts the default back, which {changed[-1].where} changes") if changed else None


def _default(row: Setting, value: str, scene: Scene) -> Judgement | None:
    if value != row.default_in(scene.release):
        return None
    return no_effect(f"{value or 'nothing'} is the default, so the line changes nothing")


def _senseless(row: Setting, value: str) -> Judgement | None:
    """What the kernel takes and has no meaning for."""
    found = numbers(value, row.arity)
    if row.sane is None or isinstance(found, Bad):
        return None
    low, high = row.sane
    odd = next((number for number in found if not low <= number <= high), None)
    if odd is None:
        return None
    most = f" to {high}" if high < 2**31 - 1 else " on"
    return hazard(f"the kernel takes {odd}, and only numbers from {low}{most} mean something")


def _what_it_is(row: Setting, value: str) -> str:
    meaning = dict(row.values).get(value)
    summary = row.summary.rstrip(".")
    return f"{summary} ({value}: {meaning})" if meaning else summary
