"""A form of a page, to be filled in and sent off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit

from acme.traffic.click import Click

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass
class Form:
    """`action` is where it goes. `fields` is what would be sent if nobody typed anything, with what
    is hidden in it: tokens and keys. `buttons` are those that send a name and a value of their own.
    """

    action: str
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return urlsplit(self.action).path

    def offers(self, name: str, value: str) -> bool:
        """Whether it sends this value, by itself or by one of its buttons."""
        return self.fields.get(name) == value or (name, value) in self.buttons

    def filled(self, values: Mapping[str, str] = NOTHING) -> Click:
        """Sends it off, with those of the values that it asks for."""
        asked = {*self.fields, *(name for name, _ in self.buttons)}
        fields = self.fields | {name: value for name, value in values.items() if name in asked}
        if self.method == "POST":
            return Click("POST", self.action, fields)
        return Click("GET", f"{self.path}?{urlencode(fields)}")
