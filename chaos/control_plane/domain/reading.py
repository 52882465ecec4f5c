"""Reads what comes in a body, and says what is wrong with it, error by error."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from chaos.engine.model import Fault
from chaos.engine.reader import (
    FaultError,
    Faultlist,
    content_of,
    first_wrongs,
    meant,
    sentence,
    steps,
)
from shared.errors import ShopError
from shared.topology import BY_NAME, SERVICES

TITLES = {
    400: "The request cannot be parsed",
    401: "Not signed in",
    402: "Payment is required",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "It has changed meanwhile",
    413: "Too large",
    415: "Unsupported media type",
    422: "The description is not valid",
    423: "It is locked",
    429: "Too many",
    503: "Not available now",
}


@dataclass(frozen=True)
class Wrong:
    """One error, and where: `path` as in "where.match.session"; `hint` says what may have been
    meant.
    """

    path: str
    code: str
    message: str
    hint: str = ""


class Problem(ShopError):
    """An answer other than success, with its single errors."""

    def __init__(self, status: int, kind: str, detail: str, errors: Iterable[Wrong] = ()) -> None:
        super().__init__(detail)
        self.status, self.kind, self.errors = status, kind, tuple(errors)


def title_of(status: int) -> str:
    return TITLES.get(status, "The request failed" if status < 500 else "Internal error")


UNKNOWN = "unknown-service"


def check_known(faults: Iterable[Fault], path: str) -> None:
    """Refuses names of services that have no faults; `path` is that of a fault, with {n}."""
    wrong = [one for n, fault in enumerate(faults) for one in unknown(fault, path.format(n=n))]
    if wrong:
        message = "; ".join(f"{one.path}: {one.message}" for one in wrong[:3])
        raise Problem(422, UNKNOWN, message, wrong)


def unknown(fault: Fault, path: str) -> Iterator[Wrong]:
    services = [service.name for service in SERVICES if service.traced]
    outside = [name for service in SERVICES for name in service.outside]
    for key, there in (("service", services), ("peer", services + outside)):
        name = getattr(fault.where, key)
        if name not in {None, *there}:
            message = f"{name} cannot have faults: there are {', '.join(there)}"
            hint = "" if name in BY_NAME else meant(name, there).removeprefix("; ")
            yield Wrong(f"{path}where.{key}", UNKNOWN, message, hint)


def merged(was: Any, patch: Any) -> Any:
    """`was` with what `patch` says; null takes a member away."""
    if not isinstance(patch, dict):
        return patch
    kept = dict(was) if isinstance(was, dict) else {}
    for name, value in patch.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), value)
    return kept


B = TypeVar("B", bound=BaseModel)


def read_json(body: bytes) -> Any:
    """The JSON of a body."""
    try:
        text = body.decode()
        content = json.loads(text, parse_constant=no_number)
        # What cannot be written again cannot be answered, either: half of a pair of surrogates.
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeError:
        raise unreadable("it is not UTF-8 text") from None
    except RecursionError:
        raise unreadable("it is nested too deeply") from None
    except ValueError as error:
        raise unreadable(str(error)) from None
    return content


def no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def unreadable(why: str) -> Problem:
    return Problem(400, "unreadable", f"the body is not JSON: {why}")


def object_of(content: Any) -> dict[str, Any]:
    """The members of a JSON object."""
    if not isinstance(content, dict):
        raise Problem(422, "validation", f"an object is expected, not {kind_of(content)}")
    return content


def kind_of(content: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return kinds.get(type(content), "a number")


def read_fault(content: Any, prefix: str = "") -> Fault:
    """The fault that was described; `prefix` is where that is, when it is not the body itself."""
    return listed([content], prefix, 2)[0]


def read_faults(contents: Sequence[Any], prefix: str = "") -> tuple[Fault, ...]:
    return listed(contents, prefix, 1)


def listed(contents: Sequence[Any], prefix: str, skipped: int) -> tuple[Fault, ...]:
    """The faults of a list; `skipped` is how much of a path, "faults.0", was not in the body."""
    try:
        found = Faultlist.model_validate({"faults": contents}).faults
    except ValidationError as error:
        raise refused([wrong_of(one, prefix, skipped) for one in first_wrongs(error)]) from None
    check_known(found, prefix if skipped == 2 else f"{prefix}{{n}}.")
    return found


def read_text(text: str) -> tuple[Fault, ...]:
    """The faults of a text `faults: [...]`, or of one that is a single fault; YAML or JSON."""
    try:
        content = content_of(text)
        json.dumps(content, ensure_ascii=False, default=str).encode()
    except FaultError as error:
        raise Problem(400, "unreadable", str(error)) from None
    except (UnicodeError, TypeError, ValueError, RecursionError) as error:
        message = f"the text cannot be used: {type(error).__name__}"
        raise Problem(400, "unreadable", message) from None
    if isinstance(content, dict) and "effect" in content and "faults" not in content:
        return (read_fault(content),)
    try:
        found = Faultlist.model_validate(content).faults
    except ValidationError as error:
        raise refused([wrong_of(one) for one in first_wrongs(error)]) from None
    check_known(found, "faults.{n}.")
    return found


def read_model(kind: type[B], content: Any) -> B:
    """The body as another model than a fault; JSON's types are taken at their word."""
    try:
        return kind.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise refused([plainly_wrong(one) for one in first_wrongs(error)]) from None


def refused(errors: Sequence[Wrong]) -> Problem:
    message = "; ".join(": ".join(filter(None, (one.path, one.message))) for one in errors[:3])
    more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
    return Problem(422, "validation", f"{message}{more}", errors)


def wrong_of(error: Mapping[str, Any], prefix: str = "", skipped: int = 0) -> Wrong:
    """One error in a list of faults: where, what, and what may be meant."""
    path, message = list(steps(error["loc"])), sentence(error)
    head, meant, hint = message.removeprefix(f"{'.'.join(path)}: ").partition("; did you mean")
    where = prefix + ".".join(path[skipped:])
    return Wrong(where, str(error["type"]), head, f"did you mean{hint}" if meant else "")


def plainly_wrong(error: Mapping[str, Any]) -> Wrong:
    message = str(error["msg"]).removeprefix("Value error, ")
    return Wrong(".".join(map(str, error["loc"])), str(error["type"]), message)


def errors_json(problem: Problem) -> Iterator[dict[str, str]]:
    for one in problem.errors:
        yield {"path": one.path, "code": one.code, "message": one.message, "hint": one.hint}
