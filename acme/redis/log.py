"""What Redis prints, as log lines like those of the services."""

import json
import re
from datetime import UTC, datetime

# 16830:M 21 Nov 2026 10:48:50.402 # Server initialized
LINE = re.compile(r"\d+:(?:\w|signal-handler) .*? (?P<level>[.*#-]) (?P<message>.*)")
LEVELS = {".": "DEBUG", "-": "INFO", "*": "INFO", "#": "WARNING"}
EXPECTED = re.compile(  # of every start and end, and advice for those who run it in earnest
    r"oO0OoO0|(Redis|Valkey) version=|Configuration loaded|Server initialized|Ready to accept"
    r"|WARNING:? (Memory overcommit|overcommit_memory|The TCP backlog|you have Transparent)"
    r"|User requested shutdown|(Redis|Valkey) is now ready to exit"
)


def entry(line: str) -> str | None:
    """The line as JSON; None for one that says nothing new."""
    found = LINE.match(line)
    message = found["message"] if found else line.strip()
    if not message or EXPECTED.match(message) or "Received SIGTERM" in message:
        return None
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    level = LEVELS[found["level"]] if found else "INFO"
    return json.dumps({"time": now, "level": level, "service": "redis", "message": message})
