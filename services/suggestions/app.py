from fastapi import FastAPI

from services.suggestions.routes import routes
from services.suggestions.store import read_suggestions
from shared.service import Runtime, create_service


def create_app(runtime: Runtime) -> FastAPI:
    suggestions = read_suggestions(runtime.settings.mocks)
    return create_service("suggestions", runtime, routes(suggestions))
