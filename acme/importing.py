"""Hands files of traces to lens, which knows their forms."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from acme.connection import exchange, unreachable
from traces.units import plural

TIMEOUT = 60.0  # seconds; a large file takes a while to be read


class NotImported(Exception):
    """A file of which nothing was taken; the message says why."""


def import_file(lens: str, file: Path) -> dict[str, Any]:
    """What lens read of the file: `form`, `traceIds`, `spans`, `logRecords`, `rejected`, `message`.
    Raises Unreachable and NotImported.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise NotImported(f"{file} cannot be read: {error.strerror}") from None
    # Bytes, as a name is in whatever encoding the system has, and may be none that is text.
    name = urlencode({"name": os.fsencode(file.name)})
    path = f"/lens/api/import?{name}"
    status, answer = exchange(lens, "POST", path, content, patience=TIMEOUT)
    if answer is None:
        raise unreachable(lens, f"what is there answered {status}")
    if status == 200:
        return {**answer, "name": str(file)}
    raise NotImported(f"{file}: {answer.get('detail') or f'lens answered {status}'}")


def sentence(lens: str, found: dict[str, Any]) -> str:
    """What was read of one file, for people."""
    traces, spans = plural(len(found["traceIds"]), "trace"), plural(found["spans"], "span")
    logs = ", " + plural(found["logRecords"], "log record") if found["logRecords"] else ""
    counts = f"{traces}, {spans}{logs}"
    lines = [f"{found['name']}: {found['form']}: {counts}"]
    if found["message"]:
        lines.append(f"  {found['rejected']} rejected: {found['message']}")
    lines += [f"  {lens}/trace/{trace_id}" for trace_id in found["traceIds"][:10]]
    if len(found["traceIds"]) > 10:
        lines.append(f"  and {len(found['traceIds']) - 10} more")
    return "\n".join(lines)
