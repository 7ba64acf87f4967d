"""Who is let in: Host, other sites' pages, tokens; and under which rules a browser may use what it gets."""

import base64
from collections.abc import Iterator

import pytest

from lastack.lab import Lab
from lastack.web.guard import HEADERS
from tests.web.pages import Page, served

_TOKEN = "correct-horse-battery-staple"  # noqa: S105 - a test's


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """Without a token."""
    with Lab() as lab, served(lab, "--host", "tcp.example.org") as opened:
        yield opened


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """With one."""
    path = tmp_path_factory.mktemp("token") / "token"
    path.write_text(_TOKEN + "\n")
    path.chmod(0o600)
    with Lab() as lab, served(lab, "--token", str(path)) as opened:
        yield opened


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]:9797", "10.1.2.3", "tcp.example.org.", "Tcp.Example.Org:8443"],
)
def test_our_names_and_any_address_are_ours(page: Page, host: str) -> None:
    """No foreign page has an address for its name."""
    assert page.ask("/healthz", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::1", "a:b:c"]
)
def test_rebinding_is_refused(page: Page, host: str) -> None:
    """A name that is not ours, whatever it resolves to."""
    for path in ("/", "/frame", "/events", "/metrics"):
        answer = page.ask(path, headers={"Host": host})
        assert answer.status in {400, 421}
        assert b"schema" not in answer.body


def test_other_sites_pages_are_refused(page: Page) -> None:
    """What browsers say about the origin of a request; a link that is followed is let in."""
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert page.ask("/frame", headers=foreign).status == 403
    assert page.ask("/frame", headers={"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}).status == 403
    assert page.ask("/", headers=foreign | {"Sec-Fetch-Mode": "navigate"}).status == 200
    assert page.ask("/frame", headers={"Sec-Fetch-Site": "same-origin"}).status == 200


@pytest.mark.parametrize("path", ["/", "/frame", "/metrics", "/nowhere"])
def test_every_answer_has_the_rules(page: Page, path: str) -> None:
    """A strict content policy: nothing inline, nothing from elsewhere, no frames; and no cross-origin reading."""
    headers = page.ask(path).headers
    assert {name.lower(): value for name, value in HEADERS.items()}.items() <= headers.items()
    assert "access-control-allow-origin" not in headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_token_is_a_bearer_or_a_password(locked: Page) -> None:
    """Of whatever user; and nothing else gets in, not even to files."""
    basic = base64.b64encode(f"anybody:{_TOKEN}".encode()).decode()
    assert locked.ask("/metrics", headers={"Authorization": f"Bearer {_TOKEN}"}).status == 200
    assert locked.ask("/", headers={"Authorization": f"Basic {basic}"}).status == 200
    wrong = base64.b64encode(f"{_TOKEN}:x".encode()).decode()
    for shown in (
        "",
        "Bearer",
        f"Bearer {_TOKEN}x",
        f"Bearer {_TOKEN[:-1]}",
        f"Basic {wrong}",
        "Basic !",
        f"Digest {_TOKEN}",
    ):
        for path in ("/", "/events", "/lastack.js"):
            answer = locked.ask(path, headers={"Authorization": shown})
            assert answer.status == 401
            assert answer.headers["www-authenticate"].startswith("Basic ")
