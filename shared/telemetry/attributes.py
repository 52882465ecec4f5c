"""Every attribute of our own, beside those of the semantic conventions; see docs/telemetry.md."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attribute:
    name: str
    type: str
    meaning: str
    where: str


ATTRIBUTES = (
    Attribute(
        "acmeshop.order.id",
        "string",
        "the order that it is about",
        "orders, payment, shipping: SERVER and CONSUMER spans, and those of a recovery",
    ),
    Attribute(
        "acmeshop.order.state",
        "string",
        "what became of the order: `placed`, `shipped`, `cancelling`, `cancelled`",
        "orders, SERVER span of a checkout, and span of a recovery",
    ),
    Attribute(
        "acmeshop.order.total",
        "int",
        "what it costs, in cents",
        "orders, SERVER span of a checkout",
    ),
    Attribute(
        "acmeshop.cart.items", "int", "how many different things are in it", "cart, SERVER span"
    ),
    Attribute(
        "acmeshop.message.redelivered",
        "int",
        "how often the message was given out before, and not handled",
        "CONSUMER span",
    ),
    Attribute(
        "acmeshop.resilience.outcome",
        "string",
        "how a failure below was survived: `fallback`, an answer with less in it",
        "span of the operation that went on",
    ),
    Attribute("acmeshop.fault.id", "string", "the fault that struck", "span the fault struck"),
    Attribute(
        "acmeshop.fault.type",
        "string",
        "what it does, as in docs/faults.md: `error`, `latency`, ...",
        "span the fault struck",
    ),
    Attribute(
        "acmeshop.fault.delay_ms", "double", "how long the fault delays", "span the fault struck"
    ),
    Attribute(
        "acmeshop.fault.count",
        "int",
        "how many faults struck together, where it was more than the one that is named",
        "span the fault struck",
    ),
    Attribute(
        "acmeshop.step",
        "int",
        "which step of its session a request belongs to: what a draw is made for",
        "baggage, beside `session.id`; on no span",
    ),
)
