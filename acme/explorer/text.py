"""Text from telemetry on a terminal: without control characters, in columns of a known width."""

import unicodedata

from acme.terminal import Colours

BAD = "\N{REPLACEMENT CHARACTER}"
SEVERITIES = {1: "grey", 5: "grey", 9: "green", 13: "yellow", 17: "red", 21: "red"}


def plain(text: str) -> str:
    """The text on one line, without what a terminal would obey."""
    return "".join(one if one.isprintable() else " " if one.isspace() else BAD for one in text)


def width(text: str) -> int:
    """How many columns the text takes."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def fitted(text: str, columns: int) -> str:
    """The text cut, with an ellipsis, or filled up with spaces to this many columns."""
    if width(text) > columns:
        while text and width(text) > columns - 1:
            text = text[:-1]
        text = f"{text}…" if columns > 0 else ""
    return text + " " * (columns - width(text))


def of_level(colours: Colours, level: int, text: str) -> str:
    """The text in the colour of a level of OTLP, 1 to 24."""
    found = [colour for least, colour in SEVERITIES.items() if level >= least]
    return colours.paint(found[-1], text) if found else text
