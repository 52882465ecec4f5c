"""The rules of who may ask for what."""

import pytest

from services.gateway.domain import GUEST, User, changes, known, owner, staff, token_in
from shared.errors import BadRequest, Forbidden, Unauthorized

ERIC = User("2c9c0fc97899b64956d995c7", "customer")
WALTER = User("d78523ab98b56db0b7aae237", "staff")


def test_the_guest_is_not_known() -> None:
    assert known(ERIC) == ERIC
    with pytest.raises(Unauthorized, match="log in first"):
        known(GUEST)


def test_what_is_a_users_is_nobody_elses() -> None:
    assert owner(ERIC, ERIC.id) == ERIC
    with pytest.raises(Forbidden, match=f"{ERIC.id} is somebody else"):
        owner(WALTER, ERIC.id)


@pytest.mark.parametrize(
    "malformed",
    ["", "guest", "all", ERIC.id.upper(), f"{ERIC.id}\n", f" {ERIC.id}", "../x", "é" * 24],
)
def test_what_can_be_no_users_id_is_a_bad_request(malformed: str) -> None:
    with pytest.raises(BadRequest, match="24 digits"):
        owner(ERIC, malformed)


def test_a_long_id_is_repeated_in_part_only() -> None:
    with pytest.raises(BadRequest) as refused:
        owner(ERIC, "x" * 5000)

    assert len(str(refused.value)) < 200


def test_only_the_staff_is_staff() -> None:
    assert staff(WALTER) == WALTER
    with pytest.raises(Forbidden):
        staff(ERIC)


@pytest.mark.parametrize(
    ("authorization", "cookie", "token"),
    [
        ([], "", ""),
        ([], "abc", "abc"),
        (["Bearer abc"], "", "abc"),
        (["bearer  a-_.~+/1=="], "", "a-_.~+/1=="),
        (["Bearer abc"], "another", "abc"),
    ],
)
def test_a_token_comes_in_the_header_or_else_in_the_cookie(
    authorization: list[str], cookie: str, token: str
) -> None:
    assert token_in(authorization, cookie) == token


@pytest.mark.parametrize(
    ("authorization", "cookie"),
    [
        ([""], ""),
        (["Bearer"], ""),
        (["Bearer "], "abc"),
        (["Basic YTpi"], ""),
        (["Bearer a b"], ""),
        (["Bearer a", "Bearer b"], ""),
        (["Bearer " + "a" * 201], ""),
        (["Bearer é"], ""),
        ([], "a\r\nx-injected: 1"),
        ([], "a b"),
    ],
)
def test_what_can_be_no_token_is_not_sent_on(authorization: list[str], cookie: str) -> None:
    with pytest.raises(Unauthorized) as refused:
        token_in(authorization, cookie)

    assert "a" * 201 not in str(refused.value)


def test_all_but_reading_changes_something_and_so_does_clearing_a_cart() -> None:
    assert changes("POST", "/cart/item/add/1")
    assert changes("GET", "/cart/clear/1")
    assert not changes("GET", "/cart/items/1")
