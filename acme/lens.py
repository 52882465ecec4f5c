"""lens as a part of the shop: the same app as `python -m lens`, with the shop's settings."""

from pathlib import Path

from anyio import to_thread
from fastapi import FastAPI

import lens.app
from lens.domain.hints import Hints
from lens.domain.tail import TailPolicy, read_policy
from shared.access import AccessLog
from shared.errors import SettingError
from shared.runtime import Runtime
from shared.settings import LensSettings

EXAMPLE = "/orders/12345"
HINTS = Path(__file__).parent / "hints.json"


def create_app(runtime: Runtime[LensSettings]) -> FastAPI:
    options = options_of(runtime.settings)
    store = lens.app.open_store(options)
    runtime.life.stopping(store.end_waits)
    runtime.life.closing(lambda: to_thread.run_sync(store.close))
    try:
        grpc = lens.app.taking_grpc(store, options.host, runtime.settings.otlp_grpc_port)
        runtime.life.stack.enter_context(grpc)
    except OSError as error:
        raise SettingError(str(error)) from None
    app = lens.app.create_app(store, options)
    if runtime.settings.access_log:
        app.add_middleware(AccessLog)
    return app


def options_of(settings: LensSettings) -> lens.app.Options:
    gateway = settings.urls.get("gateway", "http://127.0.0.1:5000")
    return lens.app.Options(
        data=settings.data,
        host=settings.host,
        names=settings.names,
        name_setting="ACME_HOSTS=",
        max_traces=settings.max_traces,
        max_mb=settings.max_mb,
        otlp=f"http://127.0.0.1:{settings.otlp_port}",
        otlp_grpc=f"http://127.0.0.1:{settings.otlp_grpc_port}",
        example=gateway + EXAMPLE,
        sampling_port=settings.sampling_port,
        hints=Hints.read(HINTS.read_text(encoding="utf-8")),
        tail=tail_of(settings.tail),
    )


def tail_of(text: str) -> TailPolicy | None:
    try:
        return read_policy(text)
    except ValueError as error:
        raise SettingError(f"LENS_TAIL_SAMPLING={text} cannot be used: {error}") from None
