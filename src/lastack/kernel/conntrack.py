"""How full the connection tracking table is, where netfilter tracks and lets us see it.

Source: net/netfilter/nf_conntrack_standalone.c. The count is the namespace's, the limit the whole machine's.
"""

from lastack.kernel.procfile import integers
from lastack.kernel.sysctl import read_settings
from lastack.model.sample import Conntrack

__all__ = ["read_conntrack"]

_COUNT = "net.netfilter.nf_conntrack_count"
_MAX = "net.netfilter.nf_conntrack_max"


def read_conntrack(root: str = "/proc/sys") -> Conntrack | None:
    """Entries and limit, or None where the module is not loaded or its files may not be read.

    Raises:
        InputError: ``malformed-proc-file``: a value is no number.
    """
    values, _ = read_settings((_COUNT, _MAX), root)
    if len(values) < 2:
        return None
    count, limit = [integers([values[name]], f"{root}/{name.replace('.', '/')}", 1)[0] for name in (_COUNT, _MAX)]
    return Conntrack(count=count, max=limit)
