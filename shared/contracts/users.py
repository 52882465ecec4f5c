from typing import Literal

from shared.contracts.answer import Answer


class Profile(Answer):
    """What may be known of a user, and only by this user."""

    id: str
    username: str
    firstname: str
    lastname: str
    email: str
    role: Literal["customer", "staff"]
