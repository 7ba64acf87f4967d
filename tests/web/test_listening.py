"""Addresses, tokens, certificates."""

import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from lastack.errors import LastackError
from lastack.lab import Lab
from lastack.web.listening import Address, address, open_socket, read_token
from tests.kernel.private import unavailable
from tests.web.pages import served


@pytest.mark.parametrize(
    ("text", "host", "loopback"),
    [
        ("127.0.0.1:9797", "127.0.0.1", True),
        ("127.9.9.9:0", "127.9.9.9", True),
        ("localhost:80", "127.0.0.1", True),
        ("[::1]:9797", "::1", True),
        ("0.0.0.0:9797", "0.0.0.0", False),
        ("[::]:9797", "::", False),
        ("10.0.0.1:65535", "10.0.0.1", False),
        ("[::ffff:10.0.0.1]:1", "::ffff:a00:1", False),
    ],
)
def test_addresses(text: str, host: str, *, loopback: bool) -> None:
    """Which are this host's own."""
    found = address(text)
    assert (found.host, found.port, found.is_loopback) == (host, int(text.rpartition(":")[2]), loopback)


@pytest.mark.parametrize(
    "text", ["", "9797", "127.0.0.1", "127.0.0.1:65536", "example.org:80", "::1:80", "1.2.3:80", "[::1]", ":80"]
)
def test_what_is_no_address(text: str) -> None:
    """No names: what a name leads to may change."""
    with pytest.raises(LastackError) as caught:
        address(text)
    assert caught.value.slug == "bad-address"


def _token(folder: Path, content: bytes, mode: int = 0o600) -> str:
    path = folder / "token"
    path.write_bytes(content)
    path.chmod(mode)
    return str(path)


def test_a_token_is_one_line(tmp_path: Path) -> None:
    """Without its end."""
    assert read_token(_token(tmp_path, b"0123456789abcdef\n")) == "0123456789abcdef"


@pytest.mark.parametrize("content", [b"", b"short\n", b"0123456789\nabcdefghijk\n", b"\xff" * 20, b"x" * 5000])
def test_what_is_no_token(tmp_path: Path, content: bytes) -> None:
    """Short ones can be guessed."""
    with pytest.raises(LastackError) as caught:
        read_token(_token(tmp_path, content))
    assert caught.value.slug == "bad-token"


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_token_that_others_can_read_is_none(tmp_path: Path, mode: int) -> None:
    """It is refused, not warned about."""
    with pytest.raises(LastackError) as caught:
        read_token(_token(tmp_path, b"0123456789abcdef", mode))
    assert caught.value.slug == "unsafe-token"


def test_a_token_that_is_not_there(tmp_path: Path) -> None:
    """It says so."""
    with pytest.raises(LastackError) as caught:
        read_token(str(tmp_path / "none"))
    assert caught.value.slug == "unreadable-token"


def test_who_takes_nothing_is_cut_off_by_the_kernel() -> None:
    """Connections have the listening socket's limit on data that nobody acknowledges: a minute."""
    with (
        open_socket(Address("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


def _certificates(folder: Path) -> None:
    """An authority, a server's certificate and a client's, by openssl."""
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    for name in ("server", "client", "stranger"):
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}"]
        extra = ["-addext", "subjectAltName=IP:127.0.0.1"]
        try:
            subprocess.run([*make, *files, *extra], cwd=folder, check=True, capture_output=True)
        except FileNotFoundError:
            unavailable("openssl is not installed")


def _over_tls(port: int, folder: str, client: str) -> str:
    """What a client gets: a status line, or that it is not let in."""
    context = ssl.create_default_context(cafile=f"{folder}/server.pem")
    if client:
        context.load_cert_chain(f"{folder}/{client}.pem", f"{folder}/{client}.key")
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 10) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return secure.makefile().readline().strip()
    except OSError as error:
        return type(error).__name__


def test_clients_need_a_certificate_of_the_authority(tmp_path: Path) -> None:
    """By a real handshake: the right one is let in; another's and none are not."""
    _certificates(tmp_path)
    files = [str(tmp_path / name) for name in ("server.pem", "server.key", "client.pem")]
    with Lab() as lab, served(lab, "--tls-cert", files[0], "--tls-key", files[1], "--client-ca", files[2]) as page:
        assert "https://" in page.said
        got = {who: lab.server.call(_over_tls, page.port, str(tmp_path), who) for who in ("client", "stranger", "")}
    assert got["client"] == "HTTP/1.1 200 OK"
    assert not got["stranger"].startswith("HTTP")
    assert not got[""].startswith("HTTP")
