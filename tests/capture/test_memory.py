"""The allocator, told to keep what is freed: page faults are counted by the kernel."""

import subprocess
import sys

import pytest

# Columns of a megabyte that come and go; page faults for them, by getrusage(2).
_COLUMNS = """
import resource, sys
import numpy as np
from lastack.capture.memory import keep_freed
if sys.argv[1] == "keep":
    keep_freed()
held = np.ones(1 << 17)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    columns = [np.ones(1 << 17) for _ in range(8)]
    del columns
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", _COLUMNS, how], stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_what_is_freed_is_used_again() -> None:
    """Columns that come after others were freed cost a tenth of the page faults, at most."""
    assert _faults("keep") * 10 < _faults("give back")
