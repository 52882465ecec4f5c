from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.users.domain import User, id_of, known_id, username_of
from services.users.store.passwords import NOBODYS, Passwords
from services.users.store.users import UserStore
from shared.contracts.users import (
    IDENTIFIED,
    LONGEST_NAME,
    Email,
    NewPassword,
    Password,
    PersonName,
    Profile,
    Username,
)
from shared.errors import BadRequest, Conflict, NotFound, Unauthorized
from shared.openapi import errors

UserId = Annotated[str, Path(max_length=100, json_schema_extra=IDENTIFIED)]


class Credentials(BaseModel):
    username: str = Field(max_length=LONGEST_NAME)
    password: Password


class Registration(BaseModel):
    username: Username
    password: NewPassword
    firstname: PersonName
    lastname: PersonName
    email: Email


def routes(store: UserStore, passwords: Passwords) -> APIRouter:
    router = APIRouter(tags=["users"])

    @router.post("/users", status_code=201, responses=errors(409))
    async def register(person: Registration) -> Profile:
        name = username_of(person.username)
        user = User(
            id_of(name),
            name,
            person.firstname,
            person.lastname,
            person.email,
            role="customer",
            password=await passwords.hash(person.password),
        )
        if not await store.add(user):
            raise Conflict("username: somebody else has this one")
        return profile(user)

    @router.post("/credentials", responses=errors(401))
    async def check_credentials(credentials: Credentials) -> Profile:
        user = await named(credentials.username)
        fits = await passwords.fits(user.password if user else NOBODYS, credentials.password)
        if user is None or not fits:
            raise Unauthorized("username or password is wrong")
        return profile(user)

    async def named(username: str) -> User | None:
        try:
            return await store.named(username_of(username))
        except BadRequest:  # what can be no username is nobody's
            return None

    @router.get("/users/{user_id}", responses=errors(404))
    async def read_user(user_id: UserId) -> Profile:
        user = await store.read(known_id(user_id))
        if user is None:
            raise NotFound(f"no user {user_id}")
        return profile(user)

    return router


def profile(user: User) -> Profile:
    return Profile(
        id=user.id,
        username=user.username,
        firstname=user.firstname,
        lastname=user.lastname,
        email=user.email,
        role=user.role,
        tier=user.tier,
    )
