"""``lastack journal`` as a user runs it."""

from tests.tune.scene import Scene

FIN = "net.ipv4.tcp_fin_timeout"


def test_it_tells_what_happened(scene: Scene) -> None:
    """When, by whom, where, from what to what, and how it ended."""
    scene.apply(f"{FIN}=30")
    scene.apply(f"{FIN}=20")
    scene.run("rollback", "--yes")
    done = scene.run("journal")
    first, item, second, _ = done.stdout.splitlines()
    assert first.startswith("change 1  20")
    assert first.endswith("  root  in effect")
    assert item == f"  {FIN}  60 -> 30"
    assert second.endswith("undone: asked for")
    assert scene.run("journal", "2").stdout.splitlines() == done.stdout.splitlines()[2:]


def test_an_empty_journal_is_no_error(scene: Scene) -> None:
    """Nothing on stdout, a word on stderr."""
    done = scene.run("journal", "--json")
    assert (done.returncode, done.stdout, "no change is on record" in done.stderr) == (0, "", True)


def test_a_damaged_journal_is_named(scene: Scene) -> None:
    """File and line."""
    scene.apply(f"{FIN}=30")
    file = scene.state / "changes/1.jsonl"
    file.write_bytes(b"x" + file.read_bytes())
    done = scene.run("journal")
    assert (done.returncode, f"{file}, line 1 is damaged" in done.stderr) == (2, True)
