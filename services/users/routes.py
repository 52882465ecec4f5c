from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints

from services.users.domain import (
    LONGEST_NAME,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    User,
    id_of,
    known_id,
    username_of,
)
from services.users.store.passwords import NOBODYS, Passwords
from services.users.store.users import UserStore
from shared.errors import BadRequest, Conflict, NotFound, Unauthorized

PRINTABLE = r"^[^\x00-\x1f\x7f]+$"
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=PRINTABLE)]
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")
]


class Credentials(BaseModel):
    username: str = Field(max_length=LONGEST_NAME)
    password: str = Field(max_length=LONGEST_PASSWORD, repr=False)


class Registration(Credentials):
    password: str = Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD, repr=False)
    firstname: Name
    lastname: Name
    email: Email


def routes(store: UserStore, passwords: Passwords) -> APIRouter:
    router = APIRouter(tags=["users"])

    @router.post("/users", status_code=201)
    async def register(asked: Registration) -> Any:
        name = username_of(asked.username)
        told = (asked.firstname, asked.lastname, asked.email)
        hash_ = await passwords.hash(asked.password)
        user = User(id_of(name), name, *told, role="customer", password=hash_)
        if not await store.add(user):
            raise Conflict("username: somebody else has this one")
        return JSONResponse(user.profile(), 201)

    @router.post("/credentials")
    async def check_credentials(given: Credentials) -> Any:
        user = await named(given.username)
        fits = await passwords.fits(user.password if user else NOBODYS, given.password)
        if user is None or not fits:
            raise Unauthorized("username or password is wrong")
        return JSONResponse(user.profile())

    async def named(username: str) -> User | None:
        try:
            return await store.named(username_of(username))
        except BadRequest:  # what can be no username is nobody's
            return None

    @router.get("/users/{user_id}")
    async def read_user(user_id: Annotated[str, Path(max_length=100)]) -> Any:
        user = await store.read(known_id(user_id))
        if user is None:
            raise NotFound(f"no user {user_id}")
        return JSONResponse(user.profile())

    return router
