from typing import Literal

from pydantic import Field

from shared.contracts.answer import Answer
from shared.contracts.users import Profile


class Caller(Answer):
    """Whose token it is; the guest without one."""

    id: str
    username: str
    name: str
    role: Literal["customer", "staff", "guest"]
    tier: Literal["guest", "standard", "gold"] = "standard"


class Session(Answer):
    """A new session, of a user who has just logged in or has refreshed an earlier one."""

    user: Profile
    access_token: str = Field(repr=False)
    refresh_token: str = Field(repr=False)


class LoggedOut(Answer):
    """Nothing is left to say."""
