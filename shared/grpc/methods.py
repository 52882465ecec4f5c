"""What a .proto file says of a service's methods, each with the HTTP route that does the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from google.api import annotations_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

PLACEHOLDER = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Method:
    """`name` is that of the semantic conventions, as in "acmeshop.payment.v1.Payments/ChargeCard";
    `verb` and `route` are those of HTTP, by which faults and pools know the call.
    """

    name: str
    verb: str
    route: str
    answer: type[Message] = field(repr=False)

    @property
    def path(self) -> str:
        """The path of the HTTP/2 request that carries a call of it."""
        return f"/{self.name}"

    @property
    def place(self) -> str:
        return f"{self.verb} {self.route}"

    def values(self, request: Message) -> dict[str, str]:
        """What of the request stands in the path of the HTTP route."""
        return {name: str(getattr(request, name)) for name in PLACEHOLDER.findall(self.route)}


def methods_of(service: ServiceDescriptor) -> Mapping[str, Method]:
    """The methods of a service by their own names; each must have the option google.api.http."""
    return {method.name: method_of(service, method) for method in service.methods}


def method_of(service: ServiceDescriptor, method: MethodDescriptor) -> Method:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    if verb is None:
        raise ValueError(f"{method.full_name} has no google.api.http, which names its HTTP route")
    name = f"{service.full_name}/{method.name}"
    return Method(name, verb.upper(), getattr(rule, verb), GetMessageClass(method.output_type))
