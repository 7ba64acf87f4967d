"""What makes a plan one."""

import pytest
from msgspec.structs import replace

from lastack.errors import InputError
from lastack.plan.plan import Step, validated
from tests.plan.plans import plan, setting

GOOD = setting("net.ipv4.tcp_fin_timeout", "30")
ADVICE = Step(kind="application", because="b", reason="r")


def test_settings_are_in_the_order_of_their_steps() -> None:
    """Steps that are none lie between them."""
    whole = plan(GOOD, ADVICE, setting("net.ipv4.tcp_tw_reuse", "1"))
    assert validated(whole).settings == [("net.ipv4.tcp_fin_timeout", "30"), ("net.ipv4.tcp_tw_reuse", "1")]
    assert validated(plan()).settings == []


@pytest.mark.parametrize(
    ("step", "slug"),
    [
        (replace(GOOD, value=None), "not-a-plan"),
        (replace(GOOD, key=None), "not-a-plan"),
        (replace(GOOD, kind="application"), "not-a-plan"),
        (replace(ADVICE, key="net.ipv4.x", value="1"), "not-a-plan"),
        (replace(ADVICE, kind="setting"), "not-a-plan"),
        (replace(GOOD, key="../x"), "bad-setting-name"),
        (replace(GOOD, value="\n"), "bad-setting-value"),
        (replace(GOOD, key="kernel.modules_disabled"), "cannot-be-undone"),
        (GOOD, "not-a-plan"),
    ],
)
def test_each_fault_has_its_error(step: Step, slug: str) -> None:
    """A setting is a key and a value, each key comes once, and everything can be undone."""
    with pytest.raises(InputError) as caught:
        validated(plan(GOOD, step))
    assert caught.value.slug == slug
