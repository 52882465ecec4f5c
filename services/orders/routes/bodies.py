"""An order as clients of the ACME demo send it: any number may come as text."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.orders.clients import Card
from services.orders.domain.basket import MOST_LINES, MOST_OF_ONE, Line
from services.orders.domain.order import Buyer
from services.orders.flows.checkout import Wanted
from shared.money import cents
from shared.secret import Secret

ID = r"^[\w.:-]{1,64}$"


Text = Annotated[str, Field(max_length=200)]
Amount = Annotated[str, Field(max_length=20)] | float


class Body(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class AddressBody(Body):
    street: Text = ""
    city: Text = ""
    zip: Text = ""
    state: Text = ""
    country: Text = ""


class CardBody(Body):
    type: Text = ""
    number: Secret
    exp_month: Annotated[Secret, Field(alias="expMonth")]
    exp_year: Annotated[Secret, Field(alias="expYear")]
    ccv: Secret = SecretStr("")

    def card(self) -> Card:
        return Card(
            {
                "type": self.type,
                "number": self.number.get_secret_value(),
                "expMonth": self.exp_month.get_secret_value(),
                "expYear": self.exp_year.get_secret_value(),
                "ccv": self.ccv.get_secret_value(),
            }
        )


class LineBody(Body):
    id: Annotated[str, Field(pattern=ID)]
    description: Annotated[str, Field(max_length=500)] = ""
    quantity: Annotated[int, Field(ge=1, le=MOST_OF_ONE)] = 1
    price: Amount | None = None

    def line(self) -> Line:
        price = None if self.price is None else cents(self.price)
        return Line(self.id, self.description, self.quantity, price)


class OrderBody(Body):
    firstname: Text = ""
    lastname: Text = ""
    address: AddressBody = AddressBody()
    email: Text = ""
    delivery: Text = ""
    card: CardBody
    cart: Annotated[list[LineBody], Field(max_length=MOST_LINES)] = []
    total: Amount | None = None

    def wanted(self, user_id: str, key: str) -> Wanted:
        """Raises BadRequest when a price or the total is no amount of money."""
        address = self.address.model_dump()
        return Wanted(
            user_id,
            key,
            self.card.card(),
            Buyer(self.firstname, self.lastname, address, self.email, self.delivery),
            tuple(line.line() for line in self.cart),
            None if self.total is None else cents(self.total),
        )
