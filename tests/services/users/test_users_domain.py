"""The rules of a user."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.users.domain import User, id_of, known_id, username_of
from services.users.routes import profile
from shared.errors import BadRequest

ALPHABET = string.ascii_letters + string.digits + "._-"
REFUSED = "username: 3 to 32 letters, digits, dots, hyphens and underscores are allowed"
usable = st.text(ALPHABET, min_size=3, max_size=32)
eric = User("1", "eric", "Eric", "Lindqvist", "eric@example.com", "customer", "a hash")


@given(usable)
def test_all_spellings_of_a_username_are_one(text: str) -> None:
    assert username_of(text) == username_of(text.upper()) == text.lower()


@given(st.text(max_size=40))
def test_a_username_is_usable_or_refused_without_being_repeated(text: str) -> None:
    if re.fullmatch(r"[A-Za-z0-9._-]{3,32}", text):
        assert username_of(text) == text.lower()
    else:
        with pytest.raises(BadRequest) as caught:
            username_of(text)
        assert str(caught.value) == REFUSED


@pytest.mark.parametrize(
    "text", ["", "al", "a" * 33, "eric the red", "eric\n", "ёric", "\u212aevin", "e/../ric"]
)
def test_what_is_no_username_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="3 to 32 letters"):
        username_of(text)


@given(usable, usable)
def test_two_users_have_two_ids(one: str, other: str) -> None:
    one, other = username_of(one), username_of(other)

    assert (id_of(one) == id_of(other)) == (one == other)
    assert known_id(id_of(one)) == id_of(one)


@pytest.mark.parametrize("text", ["guest", "5" * 23, "5" * 25, "G" * 24, "A" * 24, ""])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match=f"unlike '{text}'"):
        known_id(text)


def test_a_user_becomes_a_document_and_one_again() -> None:
    assert User.of(eric.document()) == eric


def test_neither_the_profile_nor_the_log_has_the_hash() -> None:
    assert "a hash" not in profile(eric).model_dump_json()
    assert "a hash" not in repr(eric)
