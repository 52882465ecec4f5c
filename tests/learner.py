"""A route file as somebody writes it who learned OpenTelemetry from a tutorial."""

from pathlib import Path

SET_PROVIDER = """
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr)))
trace.set_tracer_provider(provider)
"""

ROUTES = """
import sys

from fastapi import APIRouter, FastAPI
from opentelemetry import metrics, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from shared.runtime import Runtime
from shared.service import create_service

{at_import}

tracer = trace.get_tracer(__name__)
meter = metrics.get_meter(__name__)
counter = meter.create_counter("my.requests", unit="{{request}}")
router = APIRouter()


@router.get("/mine")
async def mine() -> dict[str, str]:
    with tracer.start_as_current_span("my work") as span:
        span.add_event("half done", {{"part": 1}})
        counter.add(1, {{"kind": "mine"}})
    return {{}}


def create_app(runtime: Runtime) -> FastAPI:
    {at_start}
    return create_service(runtime.settings.service, runtime, router)
"""

NEVER, AT_IMPORT, AT_START = (
    {"at_import": "", "at_start": "..."},
    {"at_import": SET_PROVIDER, "at_start": "..."},
    {"at_import": "", "at_start": "trace.set_tracer_provider(TracerProvider())"},
)


def write_learner(folder: Path, provider: dict[str, str]) -> Path:
    """Writes the package `learner` into `folder`; `provider` says when a provider is set in it."""
    package = folder / "learner"
    package.mkdir()
    package.joinpath("__init__.py").touch()
    package.joinpath("app.py").write_text(ROUTES.format(**provider))
    return package / "app.py"
