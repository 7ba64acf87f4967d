"""Which port numbers servers listen on: who is who in a connection whose SYN was not seen."""

from lastack.tcp.segment import ACK, SYN

__all__ = ["LISTENED", "is_flipped"]

# IANA's numbers of what is commonly met, and the usual ports of software that has none.
LISTENED = frozenset(
    {
        20, 21, 22, 23, 25, 53, 79, 80, 81, 88, 110, 111, 113, 119, 135, 139, 143, 179, 389, 443, 445, 465, 502, 512,
        513, 514, 515, 543, 544, 548, 554, 563, 585, 587, 614, 631, 636, 853, 873, 989, 990, 992, 993, 995, 1080,
        1194, 1433, 1434, 1521, 1723, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 2811, 3000, 3128, 3268, 3269, 3306,
        3389, 4222, 4369, 5000, 5060, 5061, 5222, 5223, 5269, 5432, 5671, 5672, 5900, 5984, 6379, 6443, 6666, 6667,
        6668, 6669, 8000, 8008, 8080, 8081, 8086, 8088, 8443, 8883, 8888, 9000, 9042, 9090, 9092, 9100, 9200, 9300,
        9418, 10250, 11211, 15672, 20000, 25565, 26379, 27017, 50051,
    }
)  # fmt: skip


def is_flipped(flags: int, source: int, target: int) -> bool:
    """Whether the sender of the first segment is the responder.

    A SYN comes from the originator, a SYN-ACK from the responder. Otherwise the port that servers listen on, the
    lower one if both are such, is the responder's.
    """
    if flags & SYN:
        return bool(flags & ACK)
    return source in LISTENED and (target not in LISTENED or source < target)
