"""A wrong row of the table is a sentence, before anything starts."""

from dataclasses import replace
from pathlib import Path

import pytest

from acme.launcher import plan
from acme.launcher.plan import CannotStart, UpOptions
from shared.topology import BY_NAME, SERVICES, Service, problems

WISHES = Service("wishes", 8003, "what one would like to have", package="services.cart")


def test_nothing_is_wrong_with_the_table() -> None:
    assert list(problems(SERVICES)) == []
    assert list(problems([*SERVICES, WISHES])) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"calls": ("crt",)}, "wishes calls crt, which is no service"),
        ({"package": ""}, "wishes has no package services.wishes"),
        ({"package": "nowhere.at.all"}, "wishes has no package nowhere.at.all"),
        ({"port": BY_NAME["cart"].port}, "wishes and cart have the same port, 5004"),
        ({"also": (4318,)}, "wishes and lens have the same port, 4318"),
        ({"name": "cart"}, "cart is there twice"),
    ],
)
def test_a_wrong_row_is_one_sentence(
    row: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = (*SERVICES, replace(WISHES, **row))  # type: ignore[arg-type]
    assert list(problems(table)) == [said]
    monkeypatch.setattr(plan, "SERVICES", table)
    with pytest.raises(CannotStart, match=said):
        plan.plan(UpOptions(tmp_path), {})
