from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from shared.contracts.answer import Answer

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128
LONGEST_NAME = 32
# Neither control characters nor blanks alone.
PRINTABLE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"

# `users` itself says what is wrong with a name or an id, in a sentence: the pattern is for readers.
NAMED: dict[str, Any] = {"pattern": r"^[A-Za-z0-9._-]{3,32}$"}
IDENTIFIED: dict[str, Any] = {"pattern": r"^[0-9a-f]{24}$"}
Username = Annotated[str, Field(max_length=LONGEST_NAME, json_schema_extra=NAMED)]
Password = Annotated[str, Field(max_length=LONGEST_PASSWORD, repr=False)]
NewPassword = Annotated[Password, Field(min_length=SHORTEST_PASSWORD)]
PersonName = Annotated[
    str, StringConstraints(max_length=80, pattern=PRINTABLE), AfterValidator(str.strip)
]
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")
]


Tier = Literal["standard", "gold"]


class Profile(Answer):
    """What may be known of a user, and only by this user."""

    id: str
    username: str
    firstname: str
    lastname: str
    email: str
    role: Literal["customer", "staff"]
    tier: Tier = "standard"
