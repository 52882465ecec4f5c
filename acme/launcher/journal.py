"""The one log of the shop: what the services print, and what the launcher has to say."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from acme.launcher.lines import compact
from acme.launcher.output import Output
from acme.terminal import Colours

OWN = "acme"


class Journal:
    """Writes for a person, each line behind its service's name; or `raw`, as the services wrote."""

    def __init__(self, output: Output, names: Sequence[str], colours: Colours, raw: bool) -> None:
        self._output = output
        self._colours = colours
        self._raw = raw
        width = max(map(len, (*names, OWN)))
        self._prefixes = {
            name: colours.of_service(index, f"{name:{width}} | ")
            for index, name in enumerate(names)
        }
        self._prefixes[OWN] = colours.paint("bold", f"{OWN:{width}} | ")

    def printed(self, service: str, line: str) -> None:
        if self._raw:
            self._output.line(line)
            return
        for part in compact(line, self._colours).splitlines():
            self._output.line(self._prefixes[service] + part)

    def say(self, sentence: str) -> None:
        if self._raw:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            entry = {"time": now, "level": "INFO", "service": OWN, "message": sentence}
            self._output.line(json.dumps(entry))
        else:
            self._output.line(self._prefixes[OWN] + sentence)

    def show(self, text: str) -> None:
        """Something for people alone, such as a table."""
        if not self._raw:
            self._output.line(text)
