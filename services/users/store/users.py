"""Where users are kept, each under the id that belongs to the username."""

from collections.abc import Sequence

from services.users.domain import User, id_of
from shared.stores.documents import Documents


class UserStore:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def add(self, user: User) -> bool:
        """Keeps a new user; says whether the username was free."""
        return await self._documents.add(user.id, user.document())

    async def read(self, id_: str) -> User | None:
        document = await self._documents.get(id_)
        return User.of(document) if document else None

    async def named(self, username: str) -> User | None:
        return await self.read(id_of(username))

    async def of(self, ids: Sequence[str]) -> list[User]:
        return [User.of(document) for document in await self._documents.get_many(ids)]

    async def seed(self, users: Sequence[User]) -> None:
        await self._documents.seed({user.id: user.document() for user in users})

    async def give(self, user: User, password: str) -> None:
        """Replaces the hash of the user's password, unless somebody else just did."""
        changes = {"password": password}
        await self._documents.change(user.id, "password", user.password, changes)
