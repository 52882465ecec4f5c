from fastapi import FastAPI

from services.articles.clients import Suggestions
from services.articles.routes import routes
from services.articles.store import read_journal
from shared.service import Runtime, create_service
from shared.settings import ArticlesSettings


def create_app(runtime: Runtime[ArticlesSettings]) -> FastAPI:
    settings = runtime.settings
    suggestions = Suggestions(runtime.peers.service("suggestions"))
    journal = read_journal(settings.mocks)
    router = routes(journal, suggestions, batch=settings.suggestions_batch)
    return create_service("articles", runtime, router)
