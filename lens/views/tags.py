"""The tags that are typed into the search: `key`, `key=value`, `key>=500`, `key=~pattern`.

Also the JSON map of Jaeger's addresses, {"key": "value"}. What cannot be read has a sentence.
"""

import json
import re

from lens.domain.conditions import COMPARISONS, Condition, compiled, number_of

QUOTED = r'"(?:[^"\\]|\\.)*"'
KEY = rf'({QUOTED}|[^\s"=<>!~]+)'
OPERATOR = r"(!=|=~|!~|>=|<=|=|>|<)"
PAIR = re.compile(rf'\s*{KEY}\s*{OPERATOR}\s*({QUOTED}|[^\s"]*)(?=\s|$)')
BARE = re.compile(rf"\s*{KEY}(?=\s|$)")
BEGINS_WITH_OPERATOR = re.compile(rf"\s*{OPERATOR}")
ESCAPED = re.compile(r"\\(.)")
AND, OR = ("and", "&&"), ("or", "||")


def read_tags(text: str) -> tuple[Condition, ...]:
    """All conditions, each of which must hold; raises ValueError with a sentence."""
    text = text.strip()
    return from_json(text) if text.startswith("{") else from_text(text)


def from_json(text: str) -> tuple[Condition, ...]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError('This is not JSON. Write {"key": "value"} or key=value.') from None
    return tuple(
        Condition(key, "=", value if isinstance(value, str) else json.dumps(value))
        for key, value in read.items()
    )


def from_text(text: str) -> tuple[Condition, ...]:
    found: list[Condition] = []
    at = 0
    while at < len(text):
        if pair := PAIR.match(text, at):
            found.append(checked(Condition(plain(pair[1]), pair[2], plain(pair[3]))))
        elif pair := BARE.match(text, at):
            found.extend(by_itself(pair[1]))
        elif BEGINS_WITH_OPERATOR.match(text, at):
            rest = text[at:].strip()
            raise ValueError(
                f"“{rest}” has no key. Write it in front: http.response.status_code{rest}."
            )
        else:
            raise ValueError(f"“{text[at:].strip()}” is not key=value. Quote values with spaces.")
        at = pair.end()
    return tuple(found)


def by_itself(word: str) -> tuple[Condition, ...]:
    """A key that is to be there, whatever its value; `error` means a failed span, and `and`
    nothing, since all conditions must hold anyway.
    """
    if word.lower() in OR:
        raise ValueError("“or” is not possible: all tags must hold on one span. Search twice.")
    if word.lower() in AND:
        return ()
    return (Condition(word, "=", "true") if word == "error" else Condition(plain(word)),)


def checked(condition: Condition) -> Condition:
    if condition.operator in COMPARISONS and number_of(condition.value) is None:
        raise ValueError(
            f"{condition.key}{condition.operator}{condition.value}: “{condition.value}” is not a"
            f" number, and {condition.operator} compares numbers."
        )
    if condition.operator in ("=~", "!~"):
        compiled(condition.value)
    return condition


def plain(text: str) -> str:
    """Without its quotes."""
    return ESCAPED.sub(r"\1", text[1:-1]) if text.startswith('"') else text
