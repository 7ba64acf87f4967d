"""What the other lines do, where that takes more than their row says."""

from lastack.settings.lint.scene import Scene
from lastack.settings.lint.verdict import Judgement, hazard, no_effect, ok
from lastack.settings.release import since

__all__ = [
    "conntrack_max",
    "fastopen",
    "max_orphans",
    "mem",
    "needed_option",
    "netdev_max_backlog",
    "orphan_retries",
    "retired",
    "retries2",
    "socket_buffer",
    "syn_retries",
    "timestamps",
]

_MEM = "net.ipv4.tcp_mem"
_ORPHANS = "net.ipv4.tcp_max_orphans"
_CONNTRACK = "net.netfilter.nf_conntrack_max"
_LINEAR = "net.ipv4.tcp_syn_linear_timeouts"
_SENSIBLE = range(256)  # retransmissions; kernels before 5.13 took any int


def timestamps(text: str, scene: Scene) -> Judgement | None:
    """Much rests on them."""
    if text == "1":
        return None
    if text == "0":
        reuse = scene.value("net.ipv4.tcp_tw_reuse")
        lost = "net.ipv4.tcp_tw_reuse no longer works, " if reuse != "0" else ""
        return hazard(
            f"without timestamps {lost}old segments are told apart less well, and connections made from SYN cookies "
            "lose window scaling and SACK",
            "net.ipv4.tcp_timestamps = 1",
        )
    return hazard(
        "2 leaves out the random offset, so every peer sees the same clock and how long the host is up",
        "net.ipv4.tcp_timestamps = 1",
    )


def needed_option(text: str, scene: Scene) -> Judgement | None:
    """Window scaling and SACK."""
    del scene
    return hazard("without it every connection over a long or lossy path is slow") if text == "0" else None


def fastopen(text: str, scene: Scene) -> Judgement | None:
    """Bits."""
    number = int(text)
    default = 1 if since(scene.release, "3.13") else 0
    if number == default:
        return None
    if number & 0x204:
        return hazard(
            "0x4 and 0x200 do without cookies: anybody can make a server work for forged addresses, or a client send "
            "data to one",
            f"net.ipv4.tcp_fastopen = {number & ~0x204}",
        )
    if number & 0x2:
        return ok(
            "listeners may take data in the SYN, if the application sets TCP_FASTOPEN; only for requests that may "
            "arrive twice without harm"
        )
    return ok("data in the SYN is switched off" if number == 0 else "clients may send data in the SYN")


def retired(text: str, scene: Scene) -> Judgement:
    """The file is there, and nothing reads it."""
    del text, scene
    return no_effect("the kernel keeps the file so that old scripts do not fail, and reads it nowhere")


def syn_retries(text: str, scene: Scene) -> Judgement | None:
    """A count that stands for a time."""
    number = int(text)
    if number == (6 if since(scene.release, "3.7") else 5):
        return None
    lasts = f"connect() to a host that does not answer fails after about {2 ** (min(number, 20) + 1) - 1:,} s"
    if number < 2:
        return hazard(f"{lasts}: a moment's loss on the path is enough")
    linear = scene.number(_LINEAR) if since(scene.release, "6.5") else None
    more = f", a little later for the {linear} SYNs that come a second apart" if linear else ""
    return ok(f"{lasts} instead of 127 s{more}")


def retries2(text: str, scene: Scene) -> Judgement | None:
    """A count that stands for a time, with 200 ms to begin with and 120 s at most."""
    del scene
    number = int(text)
    if number == 15 or number not in _SENSIBLE:
        return None
    lasts = sum(min(0.2 * 2**count, 120) for count in range(number + 1))
    says = f"a connection whose data is not acknowledged is given up after about {lasts:,.0f} s instead of 925 s"
    return hazard(f"{says}; RFC 1122 asks for at least 100 s") if number < 8 else ok(says)


def orphan_retries(text: str, scene: Scene) -> Judgement | None:
    """0 is 8."""
    del scene
    number = int(text)
    if number == 0 or number not in _SENSIBLE:
        return None
    if number == 8:
        return no_effect("8 is what the default 0 stands for")
    if number > 8:
        return ok(f"an orphan repeats its FIN {number} times, longer than the default, which stands for 8")
    lasts = "some 3 s" if number < 4 else f"about {0.2 * (2 ** (number + 1) - 1):.0f} s"
    return ok(
        f"an orphan in FIN_WAIT1, CLOSING or LAST_ACK is forgotten after {lasts} instead of 102 s, and with it data "
        "that a slow peer has not taken"
    )


def max_orphans(text: str, scene: Scene) -> Judgement | None:
    """Lowering cuts connections off."""
    number, now = int(text), scene.live_number(_ORPHANS)
    if number < (now or 65_537):
        than = f"than the {now:,} of now" if now else "than what a machine with 16 GiB has by default"
        return hazard(
            f"it is lower {than}: beyond it, connections that were closed and have not finished are reset, with what "
            "they still had to send"
        )
    return ok(f"up to {number:,} sockets that were closed and have not finished, up to 64 KB each")


def mem(text: str, scene: Scene) -> Judgement | None:
    """Pages, in order, and not less than the kernel found."""
    numbers = [int(word) for word in text.split()]
    if numbers != sorted(numbers):
        return hazard("the three numbers should rise: scarce memory begins before it ends")
    now = scene.live_numbers(_MEM)
    if len(now) == 3 and numbers[-1] > now[2] * 12:
        return hazard("it is in pages of 4 KiB, not in bytes: this is more than the machine's memory, that is no limit")
    if len(now) == 3 and numbers[-1] < now[2]:
        return hazard(f"it lowers the limit of all TCP memory from {now[2]:,} pages: connections are reset at it")
    return ok("limits for all TCP sockets of the machine, in pages; the kernel sets them by its memory at boot")


def socket_buffer(text: str, scene: Scene) -> Judgement | None:
    """tcp_rmem and tcp_wmem: least, first, most."""
    del scene
    numbers = [int(word) for word in text.split()]
    if numbers != sorted(numbers):
        return hazard("the three numbers are least, first and most, and should rise")
    if len(numbers) > 1 and numbers[1] > 1 << 20:
        return hazard(
            f"every connection begins with a buffer of {numbers[1]:,} bytes; the third number is the one for fast paths"
        )
    return None


def netdev_max_backlog(text: str, scene: Scene) -> Judgement | None:
    """Packets, not connections."""
    del scene
    number = int(text)
    if number == 1000:
        return None
    if number < 1000:
        return hazard("packets from loopback, veth pairs and packet steering are dropped sooner than by default")
    return ok(
        "packets between devices and protocols, a CPU each, not connections: it helps where the second column of "
        "/proc/net/softnet_stat grows"
    )


def conntrack_max(text: str, scene: Scene) -> Judgement | None:
    """Lowering drops new connections; raising wants buckets."""
    number, now = int(text), scene.live_number(_CONNTRACK)
    if number <= 0:
        return hazard("0 and less are no table to speak of: write a number", None)
    if now and number < now:
        return hazard(f"it lowers the table from {now:,} entries: when it is full, new connections are dropped")
    buckets = scene.number("net.netfilter.nf_conntrack_buckets")
    if buckets and number > 4 * buckets:
        return hazard(
            f"{number:,} entries in {buckets:,} buckets make long chains: raise net.netfilter.nf_conntrack_buckets "
            "with it"
        )
    return ok(f"up to {number:,} tracked connections, {number * 256 / 1e6:,.0f} MB when full")
