"""What the control plane refuses: problems as RFC 9457 has them."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.errors import ShopError

TITLES = {
    400: "The request cannot be read",
    401: "Nobody is known by that",
    402: "Payment is required",
    403: "That is not allowed",
    404: "There is no such thing",
    405: "That cannot be done there",
    409: "Something else is in the way",
    412: "It has changed since",
    413: "That is too large",
    415: "Only JSON is taken",
    422: "The description is not valid",
    423: "It is locked",
    429: "That is too many",
    503: "It cannot be done now",
}


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong, and where: `path` as in "where.match.session"; `hint` says what may
    have been meant.
    """

    path: str
    code: str
    message: str
    hint: str = ""


class Problem(ShopError):
    """An answer other than success, with each thing that is wrong."""

    def __init__(self, status: int, kind: str, detail: str, errors: Iterable[Wrong] = ()) -> None:
        super().__init__(detail)
        self.status, self.kind, self.errors = status, kind, tuple(errors)


def title_of(status: int) -> str:
    return TITLES.get(status, "It did not work" if status < 500 else "This should not happen")
