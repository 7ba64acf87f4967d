"""The built wheel works on its own: nothing in it leans on the checkout."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network."""
    folder = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("lastack-*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and our dependencies, where the checkout is out of reach."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    run(*PIP, "--python", folder / "bin/python", "install", "--no-deps", "--no-index", wheel, cwd=folder)
    (site,) = folder.glob("lib/python3*/site-packages")
    # A .pth file inside a folder that a .pth file names is not read: our editable install stays behind.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return folder


def test_the_package_is_the_wheels(environment: Path, tmp_path: Path) -> None:
    """What is imported lies in the new environment, not in src/."""
    where = run(environment / "bin/python", "-c", "import lastack; print(lastack.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(environment)


def test_it_counts(environment: Path, tmp_path: Path) -> None:
    """The installed command tells its version and counts this host's sockets."""
    lastack = environment / "bin/lastack"
    assert run(lastack, "--version", cwd=tmp_path).startswith("lastack ")
    for line in run(lastack, "census", "--like", "netstat", cwd=tmp_path).splitlines():
        state, _, count = line.partition("\t")
        assert state
        assert int(count) > 0
    assert " TCP sockets " in run(lastack, "census", cwd=tmp_path)


def test_it_examines(environment: Path, tmp_path: Path) -> None:
    """The doctor finds everything it needs in the wheel and its dependencies."""
    assert "TCP socket" in run(environment / "bin/lastack", "doctor", cwd=tmp_path)


def test_its_files_are_printed(environment: Path, tmp_path: Path) -> None:
    """The unit and the rules come out of the wheel."""
    assert "[Service]" in run(environment / "bin/lastack", "record", "--unit", cwd=tmp_path)
    assert "groups:" in run(environment / "bin/lastack", "metrics", "--rules", cwd=tmp_path)


def test_it_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """No tests, no documentation; the licence and the mark of a typed package are there."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"lastack"}
    files = {"py.typed", "store/lastack-record.service", "metrics/lastack.rules.yml"}
    files |= {f"web/files/lastack.{kind}" for kind in ("css", "js")} | {"web/files/icon.svg"}
    assert {f"lastack/{name}" for name in files} <= set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)
