"""What the lab's experiments say."""

from docs.generate.printed.document import Document, keys, structures
from docs.generate.structures import fields_of
from lastack.cli.lab_claims_report import LIST_SCHEMA
from lastack.cli.lab_claims_report import SCHEMA as CLAIMS_SCHEMA
from lastack.cli.lab_recipe_report import SCHEMA as RECIPE
from lastack.cli.lab_recipe_report import RecipeDocument, StageDocument
from lastack.lab.experiment.document import SCHEMA as TRY
from lastack.lab.experiment.document import ArmDocument, Metric, TryDocument
from lastack.lab.experiment.observer import Look

__all__ = ["CLAIM", "CLAIMS", "CLAIMS_LIST", "DOCUMENTS", "LISTED"]

CLAIMS = {
    "schema": f"`{CLAIMS_SCHEMA}`",
    "kernel": "release",
    "asked": "how many were to be run",
    "interrupted": "`true` where somebody ended it before all were",
    "claims": "those that were run to their end",
}
LISTED = {
    "id": "its name",
    "statement": "what it says, one sentence",
    "source": "kernel file and function, commit, RFC section or manual page",
    "settings": "keys of the settings that it is about",
    "waits_s": "seconds that its experiment takes, nearly all of them waiting",
}
CLAIM = {
    **LISTED,
    "verdict": "`holds`, `fails` or `not-testable-here`",
    "observed": "what was seen, with its numbers; or why nothing could be",
    "duration_s": "seconds that it took",
}
CLAIMS_LIST = {"schema": f"`{LIST_SCHEMA}`", "claims": "those that were named, all without a name"}

DOCUMENTS = (
    Document(
        "lab try",
        TRY,
        "`lastack lab try K=V --json`",
        (fields_of(TryDocument), *structures(ArmDocument, Metric, Look)),
    ),
    Document(
        "lab recipe", RECIPE, "`lastack lab recipe --json`", (fields_of(RecipeDocument), *structures(StageDocument))
    ),
    Document(
        "lab claims",
        CLAIMS_SCHEMA,
        "`lastack lab claims --json`; [the claims](claims.md)",
        (keys(CLAIMS), f"### Claim\n\n{keys(CLAIM)}"),
    ),
    Document(
        "lab claims list",
        LIST_SCHEMA,
        "`lastack lab claims --list --json`",
        (keys(CLAIMS_LIST), f"### Listed claim\n\n{keys(LISTED)}"),
    ),
)
