"""Where the page listens, and what it wants of those who come: nothing on loopback, much anywhere else."""

import ipaddress
import os
import re
import socket
import ssl
import stat
from pathlib import Path
from typing import NamedTuple

from lastack.errors import InputError, RefusedError, UsageError

__all__ = ["Address", "address", "open_socket", "read_token", "tls"]

_BACKLOG = 64
_STALLED_MS = 60_000
_LEAST_TOKEN = 16
_MOST_TOKEN = 4096
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
_FORM = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+|localhost)):(\d{1,5})")


class Address(NamedTuple):
    """An address to listen on: numbers, no name."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this host reaches it."""
        return ipaddress.ip_address(self.host).is_loopback

    def url(self, *, secure: bool) -> str:
        """As a browser wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if secure else ''}://{host}:{self.port}/"


def address(text: str) -> Address:
    """Of ``127.0.0.1:9797``, ``[::1]:9797``, ``localhost:9797``.

    Raises:
        UsageError: ``bad-address``.
    """
    match = _FORM.fullmatch(text)
    if match and int(match[3]) <= 65_535:
        host = match[1] or match[2].replace("localhost", "127.0.0.1")
        try:
            return Address(str(ipaddress.ip_address(host)), int(match[3]))
        except ValueError:
            pass
    hint = "such as 127.0.0.1:9797, [::1]:9797 or 0.0.0.0:9797"
    raise UsageError("bad-address", f"{text!r} is no address and port to listen on", hint)


def open_socket(where: Address) -> socket.socket:
    """Listening. A connection whose peer takes nothing for a minute is ended by the kernel (TCP_USER_TIMEOUT, tcp(7)).

    Raises:
        RefusedError: ``address-refused``.
    """
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MS)
        listening.bind((where.host, where.port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        message = f"{where.host}:{where.port} cannot be listened on: {error.strerror}"
        raise RefusedError("address-refused", message, "choose another with --listen") from None
    return listening


def read_token(path: str) -> str:
    """The token in a file that nobody but its owner may read.

    Raises:
        InputError: ``bad-token``.
        RefusedError: ``unsafe-token``, ``unreadable-token``.
    """
    try:
        with Path(path).open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_MOST_TOKEN + 1)
    except OSError as error:
        raise RefusedError("unreadable-token", f"{path}: {error.strerror}") from None
    if mode & _OTHERS_READ:
        raise RefusedError("unsafe-token", f"{path} can be read by others than its owner", f"chmod 600 {path}")
    token = content.decode("ascii", "replace").strip()
    if not _LEAST_TOKEN <= len(token) <= _MOST_TOKEN or not token.isascii() or not token.isprintable():
        hint = "umask 077; head -c 32 /dev/urandom | base64 > FILE"
        raise InputError("bad-token", f"{path}: expected one line of {_LEAST_TOKEN} printable characters or more", hint)
    return token


def tls(certificate: str, key: str, client_ca: str | None) -> ssl.SSLContext:
    """TLS 1.2 or later; with ``client_ca`` for clients that show a certificate of that authority alone.

    Raises:
        InputError: ``bad-tls-file``.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
        if client_ca:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        named = ", ".join(filter(None, (certificate, key, client_ca)))
        raise InputError("bad-tls-file", f"{named}: {error}", "PEM files; a key without a passphrase") from None
    return context


def _no_password() -> str:
    raise ValueError("the key has a passphrase")
