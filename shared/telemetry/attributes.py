"""Every attribute of our own, beside those of the semantic conventions; see docs/telemetry.md."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attribute:
    name: str
    type: str
    meaning: str
    where: str


ATTRIBUTES = (
    Attribute("acmeshop.order.id", "string", "the order that is asked for", "orders, SERVER span"),
    Attribute(
        "acmeshop.resilience.outcome",
        "string",
        "how a failure below was survived: `fallback`, an answer with less in it",
        "span of the operation that went on",
    ),
    Attribute("acmeshop.fault.id", "string", "the fault that struck", "span the fault struck"),
    Attribute("acmeshop.fault.type", "string", "`error` or `latency`", "span the fault struck"),
    Attribute(
        "acmeshop.fault.delay_ms", "double", "how long the fault waited", "span the fault struck"
    ),
)
