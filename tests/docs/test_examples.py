"""The Python of the pages works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from docs.sessions import ROOT

from lastack.errors import RefusedError
from lastack.lab import Lab
from tests.kernel.private import unavailable

PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if "```python\n" in page.read_text("utf-8")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_block_of_a_page_passes(page: Path, tmp_path: Path) -> None:
    """Its blocks together are a test file that pytest passes, in no checkout of ours."""
    try:
        Lab().close()
    except RefusedError as error:
        unavailable(error.message)
    blocks = re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "test_page.py").write_text("\n\n".join(blocks), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "--rootdir", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE)
