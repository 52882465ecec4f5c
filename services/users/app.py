from fastapi import FastAPI

from services.users.routes import routes
from services.users.store import demo
from services.users.store.passwords import Passwords
from services.users.store.users import UserStore
from shared.service import Runtime, create_service
from shared.settings import UsersSettings


def create_app(runtime: Runtime[UsersSettings]) -> FastAPI:
    settings = runtime.settings
    profiles = demo.read_demo_users(settings.mocks)
    store, passwords = UserStore(runtime.stores.documents("users")), Passwords(settings.timeout / 2)
    runtime.life.closing(passwords.close)

    async def seed() -> None:
        patient = Passwords(patience=None)  # a machine may be slow, and starts all the same
        try:
            await demo.seed(store, patient, profiles, settings.demo_password)
        finally:
            patient.close()

    runtime.life.starting(seed)
    return create_service("users", runtime, routes(store, passwords))
