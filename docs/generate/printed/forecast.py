"""What a load will do."""

from docs.generate.printed.document import Document, structures, whole
from docs.generate.structures import Headings, Key, key_table, keys_of
from lastack.cli.forecast_report import NAT_SCHEMA as NAT
from lastack.forecast.flow import Flow
from lastack.forecast.nat import Nat, NatDay
from lastack.forecast.outlook import SCHEMA, FlowOutlook, Outlook
from lastack.forecast.steady import Steady
from lastack.forecast.what_if import Remedy

__all__ = ["DOCUMENTS"]

_HEADINGS: Headings = {Flow: "Flow of a forecast", Remedy: "Remedy of a forecast"}
_DAY = [
    Key("schema", "string", always=True, meaning=f"`{NAT}`."),
    Key("nat", "[Nat](#nat)", always=True, meaning="what was simulated."),
    *keys_of(NatDay),
]

DOCUMENTS = (
    Document(
        "forecast",
        SCHEMA,
        "`lastack forecast --json`",
        (
            whole(Outlook, SCHEMA, _HEADINGS),
            *structures(FlowOutlook, Steady, Flow, Remedy, headings=_HEADINGS),
        ),
    ),
    Document("forecast of a NAT", NAT, "`lastack forecast --hosts N --json`", (key_table(_DAY), *structures(Nat))),
)
