from fastapi import FastAPI

from services.auth.clients import Users
from services.auth.routes import routes
from services.auth.store import SessionStore
from shared.service import Runtime, create_service


def create_app(runtime: Runtime) -> FastAPI:
    sessions = SessionStore(runtime.stores.redis())
    return create_service("auth", runtime, routes(sessions, Users(runtime.peers.service("users"))))
