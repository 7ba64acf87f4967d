"""What a line about a listener's queues does beside the other lines and on the host."""

from lastack.settings.lint.scene import Scene
from lastack.settings.lint.verdict import Judgement, hazard, no_effect, ok
from lastack.settings.release import since

__all__ = ["abort_on_overflow", "max_syn_backlog", "migrate_req", "somaxconn", "synack_retries", "syncookies"]

_COOKIES = "net.ipv4.tcp_syncookies"
_SOMAXCONN = "net.core.somaxconn"
_MOST_RETRIES = 255


def syncookies(text: str, scene: Scene) -> Judgement | None:
    """0 and 2 do harm, 1 is the default."""
    if text == "0":
        return hazard(
            "without cookies a listener whose queue of half-open requests is full drops SYNs of clients it does not "
            "know, so a small flood locks them out; 1, the default, costs nothing until then",
            f"{_COOKIES} = 1",
        )
    if text == "2":
        return hazard(
            "2 is for tests: every connection is made from a cookie, and those without timestamps lose window scaling "
            "and SACK",
            f"{_COOKIES} = 1",
        )
    if text == "1" and since(scene.release, "2.6.37") and scene.live(_COOKIES) in {None, "1"}:
        return no_effect(
            "1 is the default since Linux 2.6.37, and a fallback for a full queue of half-open requests, not capacity: "
            "it neither lengthens the accept queue nor makes the application accept faster"
        )
    return None


def max_syn_backlog(text: str, scene: Scene) -> Judgement:
    """Idle while cookies are on; a bound of three quarters while they are off; the old bound until 4.3."""
    number = int(text)
    if not since(scene.release, "4.4"):
        return ok(
            "until Linux 4.3 it bounds a listener's queue of half-open requests, together with the listener's backlog "
            f"and {_SOMAXCONN}, which must be raised with it"
        )
    cookies, origin = scene.origin(_COOKIES)
    if cookies != "0":
        cap = scene.number(_SOMAXCONN)
        return Judgement(
            "no-effect",
            f"it is not looked at while {_COOKIES} is {cookies}, {origin}: since Linux 4.4 the bound is the listener's "
            f"own backlog, which the application chooses and {_SOMAXCONN} caps",
            f"{_SOMAXCONN} = {number}" if cap is not None and number > cap else None,
        )
    return ok(
        f"with {_COOKIES} = 0 SYNs of unknown clients are dropped when {max(number - number // 4, 0):,} requests are "
        "open, three quarters of it, and counted in ListenDrops alone"
    )


def somaxconn(text: str, scene: Scene) -> Judgement | None:
    """A cap: lowering cuts, raising helps those who ask for more."""
    number = int(text)
    default = 4096 if since(scene.release, "5.4") else 128
    if number == default:
        return None
    if number < default:
        return hazard(
            f"it cuts the backlog of every listener to {number:,}, below the default of {default:,}: connections are "
            "refused sooner, and nothing is saved",
            f"{_SOMAXCONN} = {default}",
        )
    asked = _asked(scene)
    return (
        no_effect(asked)
        if asked
        else ok(
            f"applications may now ask for a backlog of up to {number:,}, from their next listen() on; those that ask "
            "for less, nginx and Apache for 511, must be told as well"
        )
    )


def _asked(scene: Scene) -> str:
    """Why a higher cap changes nothing, where no listener asks for as much as it may have already."""
    cap = scene.live_number(_SOMAXCONN)
    listeners = scene.view.listeners or ()
    largest = max(listeners, key=lambda listener: listener.backlog, default=None)
    if largest is None or not cap or largest.backlog >= cap:
        return ""
    return (
        f"no listener of this host asks for as much as it may have, {cap:,}: the largest backlog is "
        f"{largest.backlog:,}, on port {largest.port}, so raise it in the application first"
    )


def abort_on_overflow(text: str, scene: Scene) -> Judgement | None:
    """1 resets those who would have been served."""
    del scene
    if text == "0":
        return None
    return hazard(
        "clients that a moment's patience would have served are reset; and since Linux 4.10 a full accept queue drops "
        "the SYN already, so clients still wait",
        "net.ipv4.tcp_abort_on_overflow = 0",
    )


def migrate_req(text: str, scene: Scene) -> Judgement | None:
    """1 is for groups of alike listeners."""
    del scene
    if text != "1":
        return None
    return ok(
        "when one of several listeners of a port (SO_REUSEPORT) closes, the others take over what waits in its queue; "
        "they must be alike"
    )


def synack_retries(text: str, scene: Scene) -> Judgement | None:
    """How long a half-open request stays."""
    number = int(text)
    if number == 5 or not 0 <= number <= _MOST_RETRIES:
        return None
    lasts = f"a half-open request is dropped after {2 ** (min(number, 20) + 1) - 1:,} s instead of 63 s"
    if number < 2:
        return hazard(f"{lasts}: clients behind a path that loses a packet do not get in")
    del scene
    return ok(f"{lasts}; against floods, cookies do more")
