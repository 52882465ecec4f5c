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
        "acmeshop.order.lines", "int", "how many different things it is of", "orders, `price order`"
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
        "acmeshop.payment.amount", "int", "what is to be paid, in cents", "payment, `charge card`"
    ),
    Attribute(
        "acmeshop.payment.state",
        "string",
        "what the bank decided: `charged` or `declined`",
        "payment, `charge card`",
    ),
    Attribute(
        "acmeshop.shipment.tracking",
        "string",
        "the carrier's number of the parcel",
        "shipping, event `parcel.booked`",
    ),
    Attribute(
        "acmeshop.shipment.service",
        "string",
        "how it goes: `express` for the orders of gold customers, or `standard`",
        "shipping, `pack order`",
    ),
    Attribute("acmeshop.batch.id", "string", "the batch of parcels", "shipping, `shipping batch`"),
    Attribute(
        "acmeshop.batch.orders",
        "int",
        "of how many orders the batch has the parcels; so many links it has",
        "shipping, `shipping batch`",
    ),
    Attribute(
        "customer.tier",
        "string",
        "of whom the request is: `gold`, `standard` or `guest`, as auth says",
        "baggage, from the gateway on; all spans that start with it",
    ),
    Attribute(
        "acmeshop.journal.articles",
        "int",
        "how many articles suggestions are collected for",
        "articles, `collect suggestions`",
    ),
    Attribute(
        "acmeshop.cart.items", "int", "how many different things are in it", "cart, SERVER span"
    ),
    Attribute(
        "acmeshop.product.tag",
        "string",
        "the tag that the product is filed under",
        "catalog, SERVER span of one product",
    ),
    Attribute(
        "acmeshop.message.redelivered",
        "int",
        "how often the message was delivered before, and not handled",
        "CONSUMER span",
    ),
    Attribute(
        "acmeshop.resilience.outcome",
        "string",
        "how a failure was handled: `fallback`, `retried`, or `breaker_open` for a"
        " call that was not made",
        "the span that went on, or that of the call",
    ),
    Attribute(
        "acmeshop.single_flight",
        "string",
        "who did the work that several requests needed at once: the `leader`; a `follower` links to"
        " it",
        "catalog, SERVER span, where there is more than one",
    ),
    Attribute(
        "acmeshop.fault.id",
        "string",
        "the fault that was injected",
        "span of the operation that fails",
    ),
    Attribute(
        "acmeshop.fault.type",
        "string",
        "what it does, as in docs/faults.md: `error`, `latency`, ...",
        "span of the operation that fails",
    ),
    Attribute(
        "acmeshop.fault.delay_ms",
        "double",
        "how long the fault delays",
        "span of the operation that fails",
    ),
    Attribute(
        "acmeshop.fault.count",
        "int",
        "how many faults were injected together, where it is more than the one that is named",
        "span of the operation that fails",
    ),
    Attribute(
        "acmeshop.propagation.sent",
        "string[]",
        "the header formats in which the context went out",
        "CLIENT and PRODUCER spans, in the profiles `mixed` and `broken`",
    ),
    Attribute(
        "acmeshop.propagation.sent_headers", "string[]", "the names of these headers", "the same"
    ),
    Attribute(
        "acmeshop.propagation.peer_reads",
        "string[]",
        "the formats that the callee reads, as its answer says",
        "CLIENT spans, in these profiles",
    ),
    Attribute(
        "acmeshop.propagation.peer_trace",
        "string",
        "the trace in which the callee worked, where it is another one",
        "CLIENT spans, in these profiles",
    ),
    Attribute(
        "acmeshop.propagation.found",
        "string[]",
        "the header formats that came in",
        "SERVER and CONSUMER spans, in these profiles",
    ),
    Attribute(
        "acmeshop.propagation.found_headers", "string[]", "the names of these headers", "the same"
    ),
    Attribute(
        "acmeshop.propagation.reads",
        "string[]",
        "the formats that the service reads; the last one that finds a trace counts",
        "the same",
    ),
    Attribute(
        "acmeshop.propagation.read_as",
        "string",
        "the format that the trace was read from; missing where none could be read",
        "the same",
    ),
    Attribute(
        "acmeshop.step",
        "int",
        "which step of its session a request belongs to: what a draw is made for",
        "baggage, beside `session.id`; on no span",
    ),
    Attribute(
        "acmeshop.tenant",
        "string",
        "the region of a session: `eu`, a quarter of them, or `us`",
        "baggage, and, beside `session.id`, SERVER spans of frontend and gateway",
    ),
    Attribute(
        "acmeshop.plan",
        "string",
        "the faults that a request wants",
        "baggage; on no span",
    ),
    Attribute(
        "acmeshop.seal",
        "string",
        "shows the gateway that the rest comes from the storefront",
        "baggage, from frontend to gateway; on no span",
    ),
)
