"""THE table of status codes, HTTP's and gRPC's, and how an error of the shop travels as a status.

gRPC has sixteen codes for what goes wrong, and none for a card that is refused. So a status carries
the error's kind and its HTTP status as a google.rpc.ErrorInfo, by which the caller raises the same
error as over HTTP; where there is none, as in a status of a library or a proxy, the table counts.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from shared.errors import ShopError

DETAILS = "grpc-status-details-bin"
DOMAIN, HTTP_STATUS = "acmeshop", "http_status"


class Row(NamedTuple):
    """What a code is over HTTP, which HTTP statuses are sent as this code, and when."""

    code: StatusCode
    http: int
    sent_for: tuple[int, ...]
    when: str


TABLE = (
    Row(StatusCode.OK, 200, (200, 201), "it was done"),
    Row(StatusCode.CANCELLED, 499, (499,), "the caller gave up, and so does the server"),
    Row(StatusCode.UNKNOWN, 500, (), "a status that nobody named"),
    Row(StatusCode.INVALID_ARGUMENT, 400, (400, 413, 415, 421, 422), "the request cannot be used"),
    Row(StatusCode.DEADLINE_EXCEEDED, 504, (504,), "it, or what it calls, took too long"),
    Row(StatusCode.NOT_FOUND, 404, (404,), "there is no such thing"),
    Row(StatusCode.ALREADY_EXISTS, 409, (), "never sent by the shop"),
    Row(StatusCode.PERMISSION_DENIED, 403, (403,), "it is not for the caller"),
    Row(StatusCode.RESOURCE_EXHAUSTED, 429, (429,), "too many requests, or a message too long"),
    Row(StatusCode.FAILED_PRECONDITION, 400, (402,), "the card was refused"),
    Row(StatusCode.ABORTED, 409, (409,), "it does not fit the state that things are in"),
    Row(StatusCode.OUT_OF_RANGE, 400, (), "never sent by the shop"),
    Row(StatusCode.UNIMPLEMENTED, 501, (501,), "there is no such method"),
    Row(StatusCode.INTERNAL, 500, (500,), "a mistake in the code"),
    Row(StatusCode.UNAVAILABLE, 503, (502, 503), "it, or what it calls, cannot be reached"),
    Row(StatusCode.DATA_LOSS, 500, (), "never sent by the shop"),
    Row(StatusCode.UNAUTHENTICATED, 401, (401,), "nobody is logged in"),
)
HTTP: Mapping[StatusCode, int] = {row.code: row.http for row in TABLE}
CODES: Mapping[int, StatusCode] = {status: row.code for row in TABLE for status in row.sent_for}
BY_NUMBER: Mapping[int, StatusCode] = {code.value[0]: code for code in StatusCode}
# The codes that are an error of the server's, too, as 5xx is; every other is the caller's alone.
SERVER_ERRORS = frozenset(
    {
        *(StatusCode.UNKNOWN, StatusCode.DEADLINE_EXCEEDED, StatusCode.UNIMPLEMENTED),
        *(StatusCode.INTERNAL, StatusCode.UNAVAILABLE, StatusCode.DATA_LOSS),
    }
)


def code_for(status: int) -> StatusCode:
    """The code of an HTTP status; of one that is not in the table by its class."""
    otherwise = StatusCode.FAILED_PRECONDITION if status < 500 else StatusCode.INTERNAL
    return CODES.get(status, otherwise)


class Refusal(NamedTuple):
    """An error as a caller finds it in a status: over HTTP, its status and `error`."""

    http: int
    kind: str


def details_of(error: ShopError) -> bytes:
    """The error as the value of the trailing metadata `grpc-status-details-bin`."""
    status = Status(code=code_for(error.status).value[0], message=str(error))
    info = {HTTP_STATUS: str(error.status)}
    status.details.add().Pack(ErrorInfo(reason=error.kind.upper(), domain=DOMAIN, metadata=info))
    if error.retry_after is not None:
        retry = RetryInfo()
        retry.retry_delay.FromTimedelta(timedelta(seconds=error.retry_after))
        status.details.add().Pack(retry)
    return bytes(status.SerializeToString())


def refusal_in(metadata: Iterable[tuple[str, str | bytes]]) -> Refusal | None:
    """The error that a service of the shop has put into a status; None where it has not."""
    info = ErrorInfo()
    for name, value in metadata:
        if name == DETAILS and isinstance(value, bytes):
            with suppress(DecodeError, ValueError):
                for detail in Status.FromString(value).details:
                    if detail.Unpack(info) and info.domain == DOMAIN:
                        return Refusal(int(info.metadata[HTTP_STATUS]), info.reason.lower())
    return None
