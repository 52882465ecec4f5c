"""Colours of a terminal, where there is one and NO_COLOR does not object."""

from collections.abc import Mapping
from dataclasses import dataclass

CODES = {
    "bold": "1",
    "grey": "90",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
    "bright green": "92",
    "bright yellow": "93",
    "bright blue": "94",
    "bright magenta": "95",
    "bright cyan": "96",
}
OF_SERVICES = [name for name in CODES if name not in ("bold", "grey", "red")]


@dataclass(frozen=True)
class Colours:
    """Paints text, or leaves it as it is."""

    wanted: bool

    def paint(self, colour: str, text: str) -> str:
        return f"\x1b[{CODES[colour]}m{text}\x1b[0m" if self.wanted and text else text

    def of_service(self, index: int, text: str) -> str:
        return self.paint(OF_SERVICES[index % len(OF_SERVICES)], text)


def wanted(environ: Mapping[str, str], terminal: bool) -> bool:
    """NO_COLOR, set to anything, wins; FORCE_COLOR comes next; then whether it is a terminal."""
    if environ.get("NO_COLOR"):
        return False
    return terminal or bool(environ.get("FORCE_COLOR"))
