"""What the counting path imports."""

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"


def test_the_counting_path_imports_nothing_heavy() -> None:
    """To sum up time-wait sockets and to be ready to enter a namespace loads none of the costly modules."""
    program = "import sys, lastack.kernel.sockstat, lastack.kernel.namespaces; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {"ctypes", "dataclasses", "json", "msgspec", "pathlib", "subprocess", "datetime", "rich", "click"}
    assert not heavy & set(run.stdout.split())
