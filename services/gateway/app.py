from fastapi import FastAPI

from services.gateway.clients import Articles, Auth, Orders, Suggestions
from services.gateway.routes import routes
from shared.service import Runtime, create_service


def create_app(runtime: Runtime) -> FastAPI:
    auth, orders = Auth(runtime.peer("auth")), Orders(runtime.peer("orders"))
    articles = Articles(runtime.peer("articles"))
    suggestions = Suggestions(runtime.peer("suggestions"))
    explorer = runtime.settings.urls["lens"]
    return create_service("gateway", runtime, routes(auth, orders, articles, suggestions, explorer))
