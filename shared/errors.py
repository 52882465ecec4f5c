"""What may go wrong, by meaning. Pure: no web framework in here.

SettingError                      a variable of the environment that cannot be used
ShopError                    500  internal
├── BadRequest               400  bad_request
├── Unauthorized             401  unauthorized
├── PaymentRequired          402  payment_required      the card was refused
├── Forbidden                403  forbidden
│   └── ForeignOrigin        403  foreign_origin        another site's page has a browser send it
├── NotFound                 404  not_found
├── Conflict                 409  conflict
├── UnsupportedMedia         415  unsupported_media_type  the body is of a type that is not taken
├── Misdirected              421  misdirected           the Host header names somebody else
├── TooManyRequests          429  too_many_requests
├── Unavailable              503  unavailable
└── UpstreamError            502  upstream_error        it answered, but not with what was expected
    ├── Unreachable          503  upstream_unreachable  it could not be reached, or hung up
    ├── DeadlineExceeded     504  deadline_exceeded     it did not answer in time
    └── BreakerOpen          503  breaker_open          it was not called, since it kept failing
"""

from collections.abc import Mapping


class SettingError(ValueError):
    """A setting that cannot be used; the message names the variable, its value and what is
    allowed.
    """


class ShopError(Exception):
    """An answer other than success: `status` is the HTTP status, `kind` the `error` of the JSON
    body, `retry_after` the seconds after which it is worth another try, if that is known.
    """

    status = 500
    kind = "internal"
    retry_after: float | None = None


class BadRequest(ShopError):
    status = 400
    kind = "bad_request"


class Unauthorized(ShopError):
    status = 401
    kind = "unauthorized"


class PaymentRequired(ShopError):
    status = 402
    kind = "payment_required"


class Forbidden(ShopError):
    status = 403
    kind = "forbidden"


class ForeignOrigin(Forbidden):
    kind = "foreign_origin"


class NotFound(ShopError):
    status = 404
    kind = "not_found"


class Conflict(ShopError):
    status = 409
    kind = "conflict"


class UnsupportedMedia(ShopError):
    status = 415
    kind = "unsupported_media_type"


class Misdirected(ShopError):
    status = 421
    kind = "misdirected"


class TooManyRequests(ShopError):
    status = 429
    kind = "too_many_requests"


class Unavailable(ShopError):
    status = 503
    kind = "unavailable"


class UpstreamError(ShopError):
    """`answered` is the status it answered with, `detail` what it said; none when it did not."""

    status = 502
    kind = "upstream_error"

    def __init__(self, message: str = "", answered: int | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.answered, self.detail = answered, detail


class Unreachable(UpstreamError):
    status = 503
    kind = "upstream_unreachable"


class DeadlineExceeded(UpstreamError):
    status = 504
    kind = "deadline_exceeded"


class BreakerOpen(UpstreamError):
    status = 503
    kind = "breaker_open"


def by_status(*kinds: type[ShopError]) -> Mapping[int, type[ShopError]]:
    return {kind.status: kind for kind in kinds}


# The caller's mistakes, and every status that has an error of its own.
REFUSALS = by_status(BadRequest, Unauthorized, PaymentRequired, Forbidden, NotFound, Conflict)
MEANINGS = {
    **REFUSALS,
    **by_status(UnsupportedMedia, Misdirected, TooManyRequests),
    **by_status(UpstreamError, Unavailable, DeadlineExceeded),
}
