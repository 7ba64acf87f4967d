"""How a rollout stands."""

from docs.generate.printed.document import Document, structures
from docs.generate.structures import Key, key_table, keys_of
from lastack.fleet.rollout_state import SCHEMA, HostState, Rollout

__all__ = ["DOCUMENTS", "IN_THE_FILE"]

# What is for the controller that goes on, and nobody else.
IN_THE_FILE = ("baseline", "sick")

_KEYS = keys_of(Rollout)
_PRINTED = [key for key in _KEYS if key.name not in IN_THE_FILE]
_KEPT = [key for key in _KEYS if key.name in IN_THE_FILE]

DOCUMENTS = (
    Document(
        "fleet rollout",
        SCHEMA,
        "`lastack fleet rollout --json`; with `--check`, how it would begin",
        (
            key_table([Key("schema", "string", always=True, meaning=f"`{SCHEMA}`."), *_PRINTED]),
            *structures(HostState),
            "### The file of a rollout\n\nThe file of `--state` has these besides, for a controller that goes on.\n\n"
            + key_table(_KEPT),
        ),
    ),
)
