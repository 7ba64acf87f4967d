"""The table of claims as they were run."""

from docs.generate.claims import recorded

from lastack.lab.claims.rows import CLAIMS


def test_the_recorded_run_is_of_all_claims() -> None:
    """Each that there is, in their order; `make claims` runs them again."""
    assert list(recorded()["claims"]) == list(CLAIMS)


def test_none_failed() -> None:
    """What failed would be a mistake in the claim, and be put right."""
    assert [slug for slug, seen in recorded()["claims"].items() if seen["verdict"] == "fails"] == []
