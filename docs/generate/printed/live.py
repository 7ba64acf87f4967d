"""What ``lastack serve`` sends."""

from docs.generate.markdown import table
from docs.generate.printed.document import Document, structures, whole
from lastack.model.edges import EDGES, EdgeFlow
from lastack.model.places import Place, Places
from lastack.web.frame import SCHEMA, Frame, Queue, Target

__all__ = ["DOCUMENTS"]

_EDGES = table(
    ["edge", "event", "its flow is known from"], [(f"`{edge.id}`", edge.event, edge.basis) for edge in EDGES]
)

DOCUMENTS = (
    Document(
        "The live stream",
        SCHEMA,
        "`GET /frame` of `lastack serve`, and each event of `GET /events` (server-sent events: `event: frame`, `id:` a "
        "number, `data:` the document). A viewer that is slow misses frames. Findings and the like are those of "
        "[doctor](#doctor).",
        (whole(Frame, SCHEMA), *structures(EdgeFlow, Places, Place, Target, Queue), f"### Edges\n\n{_EDGES}"),
    ),
)
