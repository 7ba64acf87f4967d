"""The catalogue: every setting that bears on opening, queueing, closing, reusing, keeping, resetting or tracking."""

from lastack.settings.catalogue.closing import CLOSING
from lastack.settings.catalogue.giving_up import GIVING_UP
from lastack.settings.catalogue.keepalive import KEEPALIVE
from lastack.settings.catalogue.memory import MEMORY
from lastack.settings.catalogue.negotiating import NEGOTIATING
from lastack.settings.catalogue.opening import OPENING
from lastack.settings.catalogue.queueing import QUEUEING
from lastack.settings.catalogue.retired import RETIRED
from lastack.settings.catalogue.reuse import REUSE
from lastack.settings.catalogue.row import Setting
from lastack.settings.catalogue.tracking import TRACKING

__all__ = ["SETTINGS"]

SETTINGS: dict[str, Setting] = {
    row.key: row
    for rows in (OPENING, NEGOTIATING, QUEUEING, CLOSING, REUSE, KEEPALIVE, GIVING_UP, MEMORY, TRACKING, RETIRED)
    for row in rows
}
