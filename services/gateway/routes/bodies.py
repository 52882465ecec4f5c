"""What clients of the ACME demo send: any number may come as text, and any text as a number. The
services behind know what of it can be used; here it is kept short, and secrets are kept quiet.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=500)]
Id = Annotated[str, Field(min_length=1, max_length=100)]
Secret = Annotated[str, Field(max_length=200, repr=False)]
Amount = Annotated[str, Field(max_length=20)] | float


class Body(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True, hide_input_in_errors=True)

    def sent(self) -> dict[str, Any]:
        """The same for the service behind, with nothing in it that the client left out."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class Credentials(Body):
    username: Text
    password: Secret


class Registration(Credentials):
    firstname: Text
    lastname: Text
    email: Text


class RefreshToken(Body):
    refresh_token: Secret


class Logout(Body):
    refresh_token: str | None = Field(None, max_length=200, repr=False)


class Item(Body):
    """A thing for the cart; what the catalog knows of it counts more than what it says itself."""

    itemid: Id
    name: Text | None = None
    price: Amount | None = None
    quantity: int = 1
    description: Annotated[Text, Field(alias="shortDescription")] = ""


class Change(Body):
    itemid: Id
    quantity: int


class Address(Body):
    street: Text = ""
    city: Text = ""
    zip: Text = ""
    state: Text = ""
    country: Text = ""


class Card(Body):
    type: Text = ""
    number: Secret
    exp_month: Annotated[Secret, Field(alias="expMonth")]
    exp_year: Annotated[Secret, Field(alias="expYear")]
    ccv: Secret = ""


class Line(Body):
    id: Id
    description: Text = ""
    quantity: int = 1
    price: Amount | None = None


class Order(Body):
    """An order; without a cart in it, it is of what lies in the user's. `total` is the most that
    it may cost.
    """

    firstname: Text = ""
    lastname: Text = ""
    address: Address = Address()
    email: Text = ""
    delivery: Text = ""
    card: Card
    cart: Annotated[list[Line], Field(max_length=100)] = []
    total: Amount | None = None
