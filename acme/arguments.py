"""Words of a command line as values; which ones are taken is said in a sentence."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def asked_for(what: str, read: Callable[[str], T]) -> Callable[[str], T]:
    """The reader, for argparse: what it does not take is "30 is not WHAT"."""

    def value(text: str) -> T:
        try:
            return read(text)
        except ValueError:
            raise ArgumentTypeError(f"{text} is not {what}") from None

    return value
