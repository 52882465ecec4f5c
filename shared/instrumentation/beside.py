"""What `ServerSpans` does beside its span, for where somebody else makes that."""

from opentelemetry import context as otel
from opentelemetry.context import Context
from opentelemetry.trace import get_current_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry.current import with_telemetry
from shared.telemetry.propagation import ASGI_HEADERS
from shared.telemetry.provider import Telemetry
from shared.telemetry.redaction import redacted
from shared.telemetry.routing import Routes
from shared.telemetry.server import response_headers
from shared.telemetry.suppression import unsampled


class BesideTheSpan:
    """ASGI middleware inside of the SERVER span: keeps secrets out of that, tells the caller its
    trace, and has a silent route leave no spans below it, either.
    """

    def __init__(self, app: ASGIApp, telemetry: Telemetry, routes: Routes) -> None:
        self._app, self._propagator = app, telemetry.propagator
        self._home = with_telemetry(telemetry, Context())
        self._silent = routes.is_silent if routes.any_silent() else lambda _: False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._silent(scope):  # and so whoever makes the span has left it out
            parent = self._propagator.extract(scope["headers"], self._home, ASGI_HEADERS)
            token = otel.attach(unsampled(parent))
            try:
                await self._app(scope, receive, send)
            finally:
                otel.detach(token)
        else:
            span = get_current_span()
            if query := scope.get("query_string"):
                span.set_attribute("url.query", redacted(query.decode("latin-1")))
            headers = response_headers(span.get_span_context())

            async def telling(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message.get("headers", ()), *headers]
                await send(message)

            await self._app(scope, receive, telling)
