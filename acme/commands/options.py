"""Options that several commands have, and the one way in which a command fails."""

import math
import re
import sys
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import typer

from acme.terminal import did_you_mean
from shared.session import SESSION_ID
from shared.topology import BY_NAME

FAILED, NOTHING_RUNS, DEVIATED = 1, 3, 4
ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / ".acme"
PROGRAMS = (*BY_NAME, "redis")
MOST_SEED = 2**31


def fail(sentence: object, code: int = FAILED) -> NoReturn:
    """Ends the command with one sentence on standard error."""
    print(sentence, file=sys.stderr)
    raise typer.Exit(code)


def one_of(known: Collection[str], what: str, text: str) -> str:
    """The text, if it is a known name. Raises BadParameter, which says what may be meant."""
    if text not in known:
        hint = did_you_mean(text, known) or f" There are {', '.join(known)}."
        raise typer.BadParameter(f"{text} is not a {what}.{hint}")
    return text


def a_service(text: str) -> str:
    return one_of(BY_NAME, "service", text)


def a_program(text: str) -> str:
    """A service, or the Redis that comes with the shop."""
    return one_of(PROGRAMS, "service", text)


def a_session(text: str) -> str:
    if not re.fullmatch(SESSION_ID, text):
        raise typer.BadParameter(
            f"{text} is not a session: it has 4 to 40 of a-z, 0-9 and -, as the first part of the "
            "shop's cookie shop_session"
        )
    return text


def completing(words: Iterable[str]) -> Callable[[str], list[str]]:
    """For `autocompletion`: those of the words that begin like what is typed so far."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


def http_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # the port is not a number, or too large
        usable = False
    if not usable:
        raise typer.BadParameter(f"{text} is not an http:// or https:// URL")
    return text.rstrip("/")


def finite(value: float | None) -> float | None:
    """Refuses nan, which no range excludes."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is not a number")
    return value


RunDir = Annotated[
    Path,
    typer.Option(
        "--run-dir", help="Folder with the state and the data of one shop.", show_default=".acme"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs to read.")]


def need_packages() -> None:
    """Ends the command where the packages of ACME_INSTRUMENTATION=auto are not installed, before
    anything is started.
    """
    from shared.errors import SettingError
    from shared.instrumentation import packages

    try:
        packages()
    except SettingError as error:
        fail(error)
