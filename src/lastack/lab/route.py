"""Links, addresses and neighbours of the namespace that this process is in: rtnetlink(7), through pyroute2.

The only module that knows pyroute2, which takes 100 ms to import and is the ``lab`` extra.
"""

from types import TracebackType
from typing import Any, Self

from lastack.errors import RefusedError

__all__ = ["Route", "load_pyroute2"]

_LOOPBACK = 1  # the first interface of every network namespace
_FAMILY = {4: 2, 6: 10}  # AF_INET, AF_INET6
_IFA_F_NODAD = 0x02  # include/uapi/linux/if_addr.h: usable at once, with no search for duplicates
_NUD_PERMANENT = 0x80  # include/uapi/linux/neighbour.h
_RT_SCOPE_LINK = 253  # include/uapi/linux/rtnetlink.h


def load_pyroute2() -> Any:  # noqa: ANN401 - pyroute2 has no types
    """Its ``IPRoute`` class. Raises RefusedError: ``no-pyroute2``."""
    try:
        from pyroute2 import IPRoute  # noqa: PLC0415 - see above
    except ImportError:
        raise RefusedError("no-pyroute2", "the lab needs pyroute2", 'pip install "lastack[lab]"') from None
    return IPRoute


class Route:
    """A rtnetlink socket; a context manager.

    It stays with the namespace that it was opened in. Raises RefusedError: ``no-pyroute2``.
    """

    def __init__(self) -> None:
        self._netlink = load_pyroute2()()
        self._indices: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._netlink.close()

    def add_veth(self, device: str, peer: str, namespace: int) -> None:
        """Make a pair of devices, the peer in the namespace of an open file. Raises RefusedError: ``no-veth``."""
        try:
            self._netlink.link("add", ifname=device, kind="veth", peer={"ifname": peer, "net_ns_fd": namespace})
        except OSError as error:
            raise RefusedError("no-veth", f"the kernel makes no veth link: {error}", "as root: modprobe veth") from None

    def bring_up(self, device: str, link_address: str) -> None:
        """Bring up a device with this link address, and the loopback device."""
        self._netlink.link("set", index=_LOOPBACK, state="up")
        self._netlink.link("set", index=self._index(device), address=link_address, state="up")

    def add_address(self, device: str, address: str, prefix: int) -> None:
        """Give a device an address; having it already is fine."""
        flags = {"flags": _IFA_F_NODAD} if _version(address) == 6 else {}
        self._netlink.addr("replace", index=self._index(device), address=address, prefixlen=prefix, **flags)

    def add_host(self, device: str, address: str) -> None:
        """Seek an address on a device's link, though it is none of the link's."""
        family = _FAMILY[_version(address)]
        self._netlink.route("replace", dst=address, family=family, oif=self._index(device), scope=_RT_SCOPE_LINK)

    def set_neighbour(self, device: str, address: str, link_address: str) -> None:
        """Send what goes to ``address`` by a device to this link address from now on."""
        self._set_neighbour(self._index(device), address, link_address)

    def divert(self, address: str, link_address: str) -> None:
        """``set_neighbour`` on the device that packets to ``address`` leave by."""
        self._set_neighbour(self._towards(address), address, link_address)

    def _set_neighbour(self, index: int, address: str, link_address: str) -> None:
        self._netlink.neigh("replace", dst=address, lladdr=link_address, ifindex=index, state=_NUD_PERMANENT)

    def forget_neighbour(self, address: str) -> None:
        """Let the next packet to ``address`` ask for its link address anew."""
        self._netlink.neigh("del", dst=address, ifindex=self._towards(address))

    def _index(self, device: str) -> int:
        if device not in self._indices:
            self._indices[device] = self._netlink.link_lookup(ifname=device)[0]
        return self._indices[device]

    def _towards(self, address: str) -> int:
        """The device that packets to an address leave by."""
        (answer,) = self._netlink.route("get", dst=address, family=_FAMILY[_version(address)])
        index: int = answer.get_attr("RTA_OIF")
        return index


def _version(address: str) -> int:
    return 6 if ":" in address else 4
