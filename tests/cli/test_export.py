"""``lastack export`` as a user runs it."""

from pathlib import Path

import pytest

from lastack.plan.document import encode
from lastack.plan.export.formats import FORMATS
from tests.cli.running import lastack
from tests.plan.plans import plan, setting

PLAN = plan(setting("net.ipv4.tcp_fin_timeout", "30"))


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_printed(tmp_path: Path, name: str) -> None:
    """As its renderer makes it; to a file, from a pipe, all the same."""
    source, target = tmp_path / "plan", tmp_path / "out"
    source.write_text(encode(PLAN))
    wanted = FORMATS[name].render(PLAN)
    assert lastack("export", str(source), "--to", name).stdout == wanted
    assert lastack("export", "-", "--to", name, "-o", str(target), stdin=source.read_text()).returncode == 0
    assert target.read_text() == wanted


def test_what_is_no_plan_is_not_exported(tmp_path: Path) -> None:
    """Nor to a format that there is not."""
    (tmp_path / "plan").write_text("net.ipv4.tcp_fin_timeout = 30\n")
    assert lastack("export", str(tmp_path / "plan"), "--to", "shell").returncode == 2
    assert lastack("export", str(tmp_path / "absent"), "--to", "shell").returncode == 2
    assert lastack("export", str(tmp_path / "plan"), "--to", "xml").returncode == 2
