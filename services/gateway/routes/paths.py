"""What the paths of the API have in common."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path

Handler = TypeVar("Handler", bound=Callable[..., object])
Id = Annotated[str, Path(max_length=100)]


def post(router: APIRouter, path: str, status: int = 200) -> Callable[[Handler], Handler]:
    """A POST route, with or without a slash at the end of its path: being redirected would cost
    some clients their body.
    """
    other = path.removesuffix("/") if path.endswith("/") else f"{path}/"

    def add(handler: Handler) -> Handler:
        router.post(other, include_in_schema=False)(handler)
        return router.post(path, status_code=status)(handler)

    return add
