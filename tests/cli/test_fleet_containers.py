"""``lastack fleet containers`` as a user runs it, on a host with two namespaces beside its own."""

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from docs.generate.printed.fleet import CONTAINER, CONTAINERS

from lastack.cli.commands import dispatch
from lastack.kernel.namespaces import current
from lastack.lab import Lab
from tests.cli.running import lastack_in, lastack_json
from tests.kernel.private import run_as_nobody

TUNED = {"net.ipv4.tcp_fin_timeout": 17, "net.core.somaxconn": 9000}


@pytest.fixture
def host() -> Iterator[Lab]:
    """A host that is tuned, a container that is not, and one that is, and has a setting of its own."""
    with Lab(2) as lab:
        lab.server.set(TUNED)
        lab.clients[1].set(TUNED | {"net.ipv4.tcp_keepalive_time": 77})
        yield lab


def _of(lab: Lab, document: dict[str, Any], number: int) -> dict[str, Any]:
    inode = lab.clients[number].call(current)
    (found,) = (one for one in document["namespaces"] if one["netns"] == inode)
    return dict(found)


def test_who_lacks_what(host: Lab) -> None:
    """The untuned one by key and default, the tuned one not, and what it has of its own."""
    document = lastack_json(host, "fleet", "containers", "--json")
    assert document["schema"] == "lastack.fleet-containers/1"
    assert document["defaults_from"] == "kernel"
    assert document["tuned"] == {
        "net.core.somaxconn": {"value": "9000", "default": "4096"},
        "net.ipv4.tcp_fin_timeout": {"value": "17", "default": "60"},
    }
    assert _of(host, document, 0)["untuned"] == {"net.core.somaxconn": "4096", "net.ipv4.tcp_fin_timeout": "60"}
    tuned = _of(host, document, 1)
    assert (tuned["untuned"], tuned["own"]) == ({}, {"net.ipv4.tcp_keepalive_time": "77"})


def test_keys_are_documented(host: Lab) -> None:
    """Those of the reference, in its order."""
    document = lastack_json(host, "fleet", "containers", "--json")
    assert list(document) == list(CONTAINERS)
    assert {tuple(one) for one in document["namespaces"]} == {tuple(CONTAINER)}


def test_text(host: Lab) -> None:
    """The same in lines."""
    done = lastack_in(host, "fleet", "containers")
    assert done.returncode == 0
    assert ", where this runs, has tuned 2 of " in done.stdout
    assert ": has the defaults of 2 of those 2\n  net.core.somaxconn        4096\n" in done.stdout
    assert ": lacks nothing that the host has tuned\n  of its own: tcp_keepalive_time 77\n" in done.stdout


def _as_nobody() -> str:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert dispatch(["fleet", "containers", "--json"]) == 0
    return said.getvalue()


def test_without_privilege_it_says_what_it_cannot() -> None:
    """Defaults are the catalogue's then, and hidden processes are counted."""
    document = json.loads(run_as_nobody(_as_nobody))
    assert document["defaults_from"] == "catalogue"
    assert document["hidden"] > 0
