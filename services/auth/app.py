from fastapi import FastAPI

from services.auth.routes import routes
from shared.service import Runtime, create_service


def create_app(runtime: Runtime) -> FastAPI:
    return create_service("auth", runtime, routes())
