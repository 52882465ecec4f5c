"""What comes in a body, read; and what is wrong with it, thing by thing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from chaos.control_plane.domain.known import check_known
from chaos.control_plane.domain.problem import Problem, Wrong
from chaos.engine.model import Fault
from chaos.engine.reader import (
    FaultError,
    Faultlist,
    content_of,
    first_wrongs,
    sentence,
    steps,
)

B = TypeVar("B", bound=BaseModel)


def read_json(body: bytes) -> Any:
    """The JSON of a body, None of an empty one."""
    try:
        text = body.decode()
        content = json.loads(text, parse_constant=no_number) if text.strip() else None
        # What cannot be written again cannot be answered, either: half of a pair of surrogates.
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeError:
        raise unreadable("it is no UTF-8 text") from None
    except RecursionError:
        raise unreadable("it is nested too deeply") from None
    except ValueError as error:
        raise unreadable(str(error)) from None
    return content


def no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def unreadable(why: str) -> Problem:
    return Problem(400, "unreadable", f"the body is no JSON: {why}")


def object_of(content: Any) -> dict[str, Any]:
    """The members of a JSON object; an empty body has none."""
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise Problem(422, "validation", f"an object is taken, not {kind_of(content)}")
    return content


def kind_of(content: Any) -> str:
    return {list: "a list", str: "a text", bool: "a truth value"}.get(type(content), "a number")


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
        told = f"the text cannot be used: {type(error).__name__}"
        raise Problem(400, "unreadable", told) from None
    if isinstance(content, dict) and "effect" in content and "faults" not in content:
        return (read_fault(content),)
    try:
        found = Faultlist.model_validate(content).faults
    except ValidationError as error:
        raise refused([wrong_of(one) for one in first_wrongs(error)]) from None
    check_known(found, "faults.{n}.")
    return found


def read_model(kind: type[B], content: Any) -> B:
    """The body as something other than a fault."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise refused([plainly_wrong(one) for one in first_wrongs(error)]) from None


def refused(errors: Sequence[Wrong]) -> Problem:
    told = "; ".join(": ".join(filter(None, (one.path, one.message))) for one in errors[:3])
    more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
    return Problem(422, "validation", f"{told}{more}", errors)


def wrong_of(error: Mapping[str, Any], prefix: str = "", skipped: int = 0) -> Wrong:
    """One thing that is wrong with a list of faults: where, what, and what may be meant."""
    path, told = list(steps(error["loc"])), sentence(error)
    head, meant, hint = told.removeprefix(f"{'.'.join(path)}: ").partition("; did you mean")
    where = prefix + ".".join(path[skipped:])
    return Wrong(where, str(error["type"]), head, f"did you mean{hint}" if meant else "")


def plainly_wrong(error: Mapping[str, Any]) -> Wrong:
    message = str(error["msg"]).removeprefix("Value error, ")
    return Wrong(".".join(map(str, error["loc"])), str(error["type"]), message)


def told(problem: Problem) -> Iterator[dict[str, str]]:
    for one in problem.errors:
        yield {"path": one.path, "code": one.code, "message": one.message, "hint": one.hint}
