"""Hands files of traces to lens, which knows their forms."""

import json
import os
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from traces.units import plural

TIMEOUT = 60.0  # seconds; a large file takes a while to be read


class Unreachable(Exception):
    """Nothing that is lens answers there."""


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
    status, answer = post(lens, f"/lens/api/import?{name}", content)
    if status == 200:
        return {**answer, "name": str(file)}
    raise NotImported(f"{file}: {answer.get('detail') or f'lens answered {status}'}")


def post(lens: str, path: str, content: bytes) -> tuple[int, dict[str, Any]]:
    where = urlsplit(lens)
    kind = HTTPSConnection if where.scheme == "https" else HTTPConnection
    connection = kind(where.netloc, timeout=TIMEOUT)
    try:
        connection.request("POST", where.path + path, content)
        answer = connection.getresponse()
        document = json.loads(answer.read())
    except (OSError, HTTPException, ValueError) as error:
        reason = str(error) or type(error).__name__
        sentence = f"no lens answers at {lens} ({reason}); start one, or name it with --url"
        raise Unreachable(sentence) from None
    finally:
        connection.close()
    return answer.status, document if isinstance(document, dict) else {}


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
