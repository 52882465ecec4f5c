"""Every metric of the shop; see docs/metrics.md."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MetricRow:
    """One metric; `type` is its instrument, `attributes` are all that its points may have."""

    name: str
    type: str
    unit: str
    attributes: tuple[str, ...]
    meaning: str
    where: str


METRICS = (
    MetricRow(
        "http.server.request.duration",
        "histogram",
        "s",
        (
            "http.request.method",
            "url.scheme",
            "http.route",
            "http.response.status_code",
            "error.type",
        ),
        "how long requests take to answer",
        "every service",
    ),
    MetricRow(
        "http.client.request.duration",
        "histogram",
        "s",
        (
            "http.request.method",
            "url.scheme",
            "server.address",
            "server.port",
            "url.template",
            "http.response.status_code",
            "error.type",
        ),
        "how long calls of other services take, each attempt by itself",
        "every service that calls one",
    ),
    MetricRow(
        "rpc.server.call.duration",
        "histogram",
        "s",
        ("rpc.system.name", "rpc.method", "rpc.response.status_code", "error.type"),
        "how long calls over gRPC take to answer, where ACME_INTERNAL=grpc",
        "payment",
    ),
    MetricRow(
        "rpc.client.call.duration",
        "histogram",
        "s",
        (
            "rpc.system.name",
            "rpc.method",
            "server.address",
            "server.port",
            "rpc.response.status_code",
            "error.type",
        ),
        "how long calls over gRPC take, each attempt by itself, where ACME_INTERNAL=grpc",
        "orders",
    ),
    MetricRow(
        "db.client.operation.duration",
        "histogram",
        "s",
        (
            "db.system.name",
            "db.namespace",
            "db.operation.name",
            "db.collection.name",
            "db.query.summary",
            "db.response.status_code",
            "server.address",
            "server.port",
            "error.type",
        ),
        "how long operations of SQLite, MongoDB and Redis take",
        "every service with a store",
    ),
    MetricRow(
        "messaging.process.duration",
        "histogram",
        "s",
        (
            "messaging.system",
            "messaging.operation.name",
            "messaging.destination.name",
            "messaging.consumer.group.name",
            "error.type",
        ),
        "how long the handling of a message takes",
        "shipping",
    ),
    MetricRow(
        "acmeshop.stream.lag",
        "histogram",
        "s",
        ("messaging.system", "messaging.destination.name", "messaging.consumer.group.name"),
        "how long a message waited from its publishing to its handling",
        "shipping",
    ),
    MetricRow(
        "acmeshop.orders.placed",
        "counter",
        "{order}",
        (),
        "orders that were placed",
        "orders",
    ),
    MetricRow(
        "acmeshop.payment.charges",
        "counter",
        "{charge}",
        ("acmeshop.charge.outcome",),
        "charges by what the bank made of them: `charged`, `declined`, or `failed` where it gave no"
        " such answer",
        "payment",
    ),
    MetricRow(
        "acmeshop.cart.size",
        "histogram",
        "{item}",
        (),
        "items in a cart after its buyer changed it, counting each piece",
        "cart",
    ),
    MetricRow(
        "process.uptime",
        "gauge",
        "s",
        (),
        "how long the process has been running",
        "every service",
    ),
    MetricRow(
        "process.cpu.time",
        "counter",
        "s",
        ("cpu.mode",),
        "CPU time of the process, `user` and `system`",
        "every service",
    ),
    MetricRow(
        "otel.sdk.processor.span.processed",
        "counter",
        "{span}",
        ("otel.component.type", "otel.component.name", "error.type"),
        "spans that left the queue: for the exporter, or, of type `queue_full`, dropped",
        "every service",
    ),
    MetricRow(
        "otel.sdk.exporter.span.exported",
        "counter",
        "{span}",
        ("otel.component.type", "otel.component.name", "error.type"),
        "spans that the backend took, or, of type `rejected`, did not take",
        "every service",
    ),
    MetricRow(
        "otel.sdk.processor.span.queue.size",
        "updowncounter",
        "{span}",
        ("otel.component.type", "otel.component.name"),
        "spans that wait to be exported",
        "every service",
    ),
    MetricRow(
        "otel.sdk.processor.span.queue.capacity",
        "updowncounter",
        "{span}",
        ("otel.component.type", "otel.component.name"),
        "how many spans can wait; then the oldest are dropped",
        "every service",
    ),
)
