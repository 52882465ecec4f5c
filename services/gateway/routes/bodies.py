"""What clients of the ACME demo send. The services behind know what of it can be used; here it is
kept short, and secrets are kept quiet.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.sent import (
    Also,
    Amount,
    LongText,
    Quantity,
    QuantityOrNone,
    Text,
    ThingId,
)
from shared.contracts.users import (
    LONGEST_NAME,
    Email,
    NewPassword,
    Password,
    PersonName,
    Username,
)

LONGEST_TOKEN = 200
CardText = Annotated[str, Field(max_length=40, repr=False), Also("integer")]


class Body(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    def sent(self) -> dict[str, Any]:
        """The same for the service behind, with nothing in it that the client left out."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class Credentials(Body):
    username: str = Field(max_length=LONGEST_NAME, examples=["eric"])
    password: Password = Field(examples=["vmware1!"])


class Registration(Body):
    username: Username = Field(examples=["grace"])
    password: NewPassword = Field(examples=["a long sentence"])
    firstname: PersonName = Field(examples=["Grace"])
    lastname: PersonName = Field(examples=["Murray"])
    email: Email = Field(examples=["grace@example.com"])


class RefreshToken(Body):
    refresh_token: str = Field(max_length=LONGEST_TOKEN, repr=False)


class Logout(Body):
    refresh_token: str | None = Field(None, max_length=LONGEST_TOKEN, repr=False)


class NumbersAsText(Body):
    """Any number may come as text, and a text as a number."""

    model_config = ConfigDict(coerce_numbers_to_str=True)


class Item(NumbersAsText):
    """A thing for the cart; what the catalog knows of it counts more than what it says itself."""

    itemid: ThingId = Field(examples=["pour-over-kettle"])
    name: Text | None = None
    price: Amount | None = None
    quantity: Quantity = 1
    description: Annotated[LongText, Field(alias="shortDescription")] = ""


class Change(NumbersAsText):
    """So many of it from now on; 0 takes it out."""

    itemid: ThingId = Field(examples=["pour-over-kettle"])
    quantity: QuantityOrNone = Field(examples=[2])


class Address(NumbersAsText):
    street: Text = ""
    city: Text = ""
    zip: Text = ""
    state: Text = ""
    country: Text = ""


class Card(NumbersAsText):
    """A card is refused unless it has 12 to 19 digits and has not expired."""

    type: Text = ""
    number: CardText = Field(examples=["4111111111111111"])
    exp_month: Annotated[CardText, Field(alias="expMonth", examples=["12"])]
    exp_year: Annotated[CardText, Field(alias="expYear", examples=["2099"])]
    ccv: CardText = Field("", examples=["123"])


class Line(NumbersAsText):
    id: ThingId = Field(examples=["pour-over-kettle"])
    description: LongText = ""
    quantity: Quantity = 1
    price: Amount | None = None


class Order(NumbersAsText):
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
