"""The rules of identity."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.domain import User, bearer, digest
from services.auth.routes import user_of
from shared.contracts.users import Profile
from shared.errors import Unauthorized

tokens = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=200)
schemes = st.lists(st.sampled_from(["bearer", "BEARER"]), min_size=2, max_size=2).map(
    lambda pair: pair[0][:3] + pair[1][3:]
)


def test_without_a_header_there_is_no_token() -> None:
    assert bearer([]) is None


@given(schemes, tokens)
def test_the_scheme_may_be_written_in_any_case(scheme: str, token: str) -> None:
    assert bearer([f"{scheme} {token}"]) == token


@pytest.mark.parametrize(
    "headers",
    [
        [""],
        ["Bearer"],
        ["Bearer "],
        ["token"],
        ["Basic ZXJpYzp2bXdhcmUxIQ=="],
        ["Bearer one two"],
        ["Bearer  \t"],
        ["Bearer tökén"],
        ["Bearer, token"],
        ["Bearer " + "x" * 201],
        ["Bearer one", "Bearer other"],
    ],
)
def test_whatever_else_stands_there_is_refused_without_being_repeated(headers: list[str]) -> None:
    with pytest.raises(Unauthorized) as caught:
        bearer(headers)

    assert str(caught.value) == "the Authorization header must be `Bearer` and a token"


@given(st.text(max_size=300))
def test_a_header_has_a_token_or_is_refused(text: str) -> None:
    try:
        token = bearer([text])
    except Unauthorized:
        return
    assert token
    assert text.lower().startswith("bearer ")
    assert text.endswith(token)


@given(tokens, tokens)
def test_a_digest_is_that_of_one_token_and_does_not_reveal_it(one: str, other: str) -> None:
    assert (digest(one) == digest(other)) == (one == other)
    assert len(digest(one)) == 64


def test_a_user_is_called_by_both_names() -> None:
    profile = Profile(
        id="1",
        username="eric",
        firstname="Eric",
        lastname="Lindqvist",
        email="eric@example.com",
        role="customer",
    )

    assert user_of(profile) == User("1", "eric", "Eric Lindqvist", "customer")
