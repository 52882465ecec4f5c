"""Tags as people write them: logfmt, `a=1 b="two words"`, or the JSON map of Jaeger's addresses."""

import json
import re

PAIR = re.compile(r'\s*([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)')
BARE = re.compile(r'\s*([^\s="]+)(?=\s|$)')
ESCAPED = re.compile(r"\\(.)")


def parse_tags(text: str) -> dict[str, str]:
    """The tags by key. Raises ValueError with a sentence that says what cannot be read."""
    text = text.strip()
    return parse_json(text) if text.startswith("{") else parse_logfmt(text)


def parse_json(text: str) -> dict[str, str]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError('This is not JSON. Write {"key": "value"} or key=value.') from None
    return {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in read.items()
    }


def parse_logfmt(text: str) -> dict[str, str]:
    """A key without a value means `key=true`, as logfmt has it."""
    tags: dict[str, str] = {}
    at = 0
    while at < len(text):
        if pair := PAIR.match(text, at):
            quoted = pair[2]
            tags[pair[1]] = pair[3] if quoted is None else ESCAPED.sub(r"\1", quoted)
        elif pair := BARE.match(text, at):
            tags[pair[1]] = "true"
        else:
            raise ValueError(f"“{text[at:].strip()}” is not key=value. Quote values with spaces.")
        at = pair.end()
    return tags
