"""Commands through a real Ansible."""

import sys
from pathlib import Path

import pytest

from lastack.errors import InputError, RefusedError
from lastack.fleet.ansible import Ansible
from lastack.lab import Lab
from tests.fleet.inventory import write_inventory

LOCAL = f"ansible_connection=local ansible_python_interpreter={sys.executable}"


def _inventory(folder: Path, text: str) -> str:
    (folder / "hosts.ini").write_text(text)
    return f"{folder}/hosts.ini"


def test_hosts_in_their_order(tmp_path: Path) -> None:
    """Each once, though it is in several groups, with its address; of a pattern, those that fit."""
    inventory = _inventory(tmp_path, "[web]\nw2\nw1\n[api]\na1\nw1\n[all:children]\nweb\napi\n")
    assert sorted(Ansible(inventory).hosts()) == ["a1", "w1", "w2"]
    assert list(Ansible(inventory, limit="web").hosts()) == ["w2", "w1"]
    inventory = _inventory(tmp_path, "w1 ansible_host=10.0.0.1\nw2 ansible_host=2001:db8::2\nw3\n")
    assert Ansible(inventory).hosts() == {"w1": "10.0.0.1", "w2": "2001:db8::2", "w3": ""}


@pytest.mark.parametrize("text", ["", "[web\nw1\n"])
def test_what_is_no_inventory(tmp_path: Path, text: str) -> None:
    """Empty, or not to be read; or there is none."""
    with pytest.raises(InputError) as caught:
        Ansible(_inventory(tmp_path, text)).hosts()
    assert caught.value.slug == "bad-inventory"
    with pytest.raises(InputError):
        Ansible(f"{tmp_path}/none").hosts()


def test_each_host_its_own_command_and_nothing_is_a_template(tmp_path: Path) -> None:
    """Braces, quotes, line breaks and shell signs arrive as they are."""
    inventory = _inventory(tmp_path, f"h0 {LOCAL}\nh1 {LOCAL}\n")
    word = "{{ lookup('pipe', 'id') }} {% if 1 %} \"'`$(id)` \\ a\nb # !x ä"
    found = Ansible(inventory).run({"h0": ["printf", "%s", word], "h1": ["sh", "-c", "echo no >&2; exit 3"]}, "try")
    assert (found["h0"].outcome, found["h0"].stdout) == ("ok", word)
    assert (found["h1"].outcome, found["h1"].why) == ("failed", "no")
    assert list(Ansible(inventory).run({"h1": ["true"]}, "only one")) == ["h1"]
    assert Ansible(inventory).run({}, "none") == {}


def test_numbers_and_words_stay_text(tmp_path: Path) -> None:
    """What YAML would take for something else."""
    words = ["true", "010", "1_000", "0x1f", "null", "~", "1e3", "2026-03-01", "", " 7 ", "yes", "[1]", "1:30", "$HOME"]
    inventory = _inventory(tmp_path, f"h0 {LOCAL}\n")
    found = Ansible(inventory).run({"h0": ["printf", "<%s>", *words]}, "try")
    assert found["h0"].stdout == "".join(f"<{word}>" for word in words)


def test_one_that_does_not_answer(lab: Lab, tmp_path: Path) -> None:
    """It has an outcome too, with the reason; the others are not held up."""
    inventory = write_inventory(lab, tmp_path, gone=("h9",))
    found = Ansible(str(inventory)).run({"h0": ["true"], "h9": ["true"]}, "try")
    assert found["h0"].outcome == "ok"
    assert found["h9"].outcome == "unreachable"
    assert "No route to host" in found["h9"].why


def test_ansible_that_tells_nothing(tmp_path: Path) -> None:
    """A host that is not in the inventory: an error, with Ansible's own words."""
    with pytest.raises(RefusedError) as caught:
        Ansible(_inventory(tmp_path, f"h0 {LOCAL}\n")).run({"h7": ["true"]}, "try")
    assert caught.value.slug == "ansible-failed"
    assert "h7" in caught.value.message


def test_without_ansible(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", f"{tmp_path}/python")
    with pytest.raises(RefusedError) as caught:
        Ansible("hosts")
    assert caught.value.slug == "no-ansible"
