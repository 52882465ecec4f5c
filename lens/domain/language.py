"""The search language: `service=orders status=error duration>200ms http.route~cart retry`.

    query    = { terms | spans }                             all of it, in one trace
    terms    = term { term }                                 all of it, on one span
    spans    = "{" terms "}" { below "{" terms "}" }
    below    = ">>" | ">"                                    anywhere below, or a child
    term     = key [ operator value ]                        a key alone is there
    operator = "=" "!=" ">" ">=" "<" "<=" "~" "=~" "!~"      `~` has, `=~` is, as a pattern

`and` and `&&` may stand between terms. What cannot be read raises ValueError with a sentence that
says what was understood before it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lens.domain.conditions import (
    CHOICES,
    COMPARISONS,
    DURATIONS,
    OF_TRACE,
    PATTERNS,
    Condition,
    as_jaeger_means,
    compiled,
    number_of,
)
from lens.domain.durations import parse_duration
from lens.domain.pattern import Pattern, Step

QUOTED = r'"(?:[^"\\]|\\.)*"'
KEY = rf'({QUOTED}|[^\s"=<>!~{{}}]+)'
OPERATOR = r"(!=|=~|!~|>=|<=|=|>|<|~)"
# Braces are part of a value where they come in pairs, as in /orders/{id}.
VALUE = rf'({QUOTED}|(?:[^\s"{{}}]|\{{[^\s"{{}}]*\}})*)'
ENDS = r"(?=[\s{}]|$)"
PAIR = re.compile(rf"{KEY}\s*{OPERATOR}\s*{VALUE}{ENDS}")
BARE = re.compile(rf"{KEY}{ENDS}")
BEGINS_WITH_OPERATOR = re.compile(OPERATOR)
RELATION = re.compile(r">>?(?=\s*\{)")
SPACE = re.compile(r"\s*")
KEY_ALONE = re.compile(r'[^\s"=<>!~{}\\]+')
VALUE_ALONE = re.compile(r'(?![=~<>])(?:[^\s"{}\\]|\{[^\s"{}\\]*\})+')
ESCAPED = re.compile(r"\\(.)")
CHOSEN = ("kind", "status", "trace.pinned")
AND, OR = ("and", "&&"), ("or", "||")
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Term:
    """A condition, and where in the text it stands."""

    condition: Condition
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Read:
    """What a text asks for; `terms` are those outside of braces, which ask for one span."""

    pattern: Pattern
    terms: tuple[Term, ...]


def parse(text: str) -> Pattern:
    """What the text asks for; raises ValueError with a sentence that says what was understood."""
    return read(text).pattern


def read(text: str) -> Read:
    """What the text asks for, with the places of its terms; raises ValueError as `parse` does."""
    return Reader(text).read()


class Reader:
    """Goes once through a text, from its first to its last character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._chains: list[list[Step]] = []
        self._of_trace: list[Condition] = []
        self._terms: list[Term] = []

    def read(self) -> Read:
        if len(self._text) > LONGEST:
            raise ValueError(f"A query has at most {LONGEST:,} characters.")
        try:
            self._parts()
        except ValueError as error:
            before = self._understood().words
            raise ValueError(f"{error} Understood: {before}." if before else str(error)) from None
        return Read(self._understood(), tuple(self._terms))

    def _understood(self) -> Pattern:
        alone = [term.condition for term in self._terms if term.condition.key not in OF_TRACE]
        chains = [tuple(chain) for chain in self._chains]
        if alone:
            chains.insert(0, (Step(tuple(alone)),))
        return Pattern(tuple(chains), tuple(self._of_trace))

    def _rest(self) -> str:
        return self._text[self._at :].strip()

    def _skip_space(self) -> bool:
        """Whether something is left."""
        space = SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._at < len(self._text)

    def _parts(self) -> None:
        relation = ""
        while self._skip_space():
            if self._text[self._at] == "{":
                self._at += 1
                step = Step(tuple(self._in_braces()), relation)
                if relation:
                    self._chains[-1].append(step)
                else:
                    self._chains.append([step])
                relation = self._relation()
            elif self._text[self._at] == "}":
                raise ValueError("“}” closes nothing: put “{” before the first condition.")
            else:
                self._terms.extend(self._term())

    def _relation(self) -> str:
        """What stands after a closing brace: how the next span in braces is related."""
        if not self._skip_space():
            return ""
        found = RELATION.match(self._text, self._at)
        if found is None:
            if self._text[self._at] in "<>":
                raise ValueError(
                    f"After “{self._rest()[:2]}” spans in braces are expected:"
                    " {service=a} >> {service=b} finds a b below an a."
                )
            return ""
        self._at = found.end()
        return found[0]

    def _in_braces(self) -> Iterator[Condition]:
        while self._skip_space() and self._text[self._at] != "}":
            if self._text[self._at] == "{":
                raise ValueError("A “{” within braces: close the first span with “}”.")
            for term in self._term():
                if term.condition.key not in OF_TRACE:
                    yield term.condition
        if self._at >= len(self._text):
            raise ValueError("A “{” is not closed: put “}” after its last condition.")
        self._at += 1

    def _term(self) -> Iterator[Term]:
        start, text = self._at, self._text
        if pair := PAIR.match(text, start):
            found = Condition(plain(pair[1]), pair[2], plain(pair[3]))
            if pair[2] == ">" and pair[3].startswith(">"):
                raise ValueError("“>>” stands between spans in braces: {service=a} >> {service=b}.")
            condition = checked(found)
        elif pair := BARE.match(text, start):
            if pair[1].lower() in OR:
                raise ValueError("“or” is not possible: all conditions must hold. Search twice.")
            condition = by_itself(pair[1])
        elif BEGINS_WITH_OPERATOR.match(text, start):
            rest = self._rest()
            raise ValueError(
                f"“{rest}” has no key. Write it in front: http.response.status_code{rest}."
            )
        else:
            raise ValueError(f"“{self._rest()}” is not key=value. Quote values with spaces.")
        self._at = pair.end()
        if pair[1].lower() in AND and pair.re is BARE:
            return
        if condition.key in OF_TRACE:
            self._of_trace.append(condition)
        yield Term(condition, start, self._at)


def by_itself(word: str) -> Condition:
    """A key that is to be there, whatever its value; `error` means a failed span."""
    return Condition(word, "=", "true") if word == "error" else Condition(plain(word))


def checked(condition: Condition) -> Condition:
    key, operator, value = condition.key, condition.operator, condition.value
    as_written = f"{key}{operator}{value}"
    if key in DURATIONS:
        if operator in PATTERNS:
            raise ValueError(f"{as_written}: {key} is compared by = != > >= < or <=.")
        if parse_duration(value) is None:
            raise ValueError(f"{as_written}: “{value}” is not a duration such as 200ms or 1.5s.")
    elif operator in COMPARISONS and number_of(value) is None:
        raise ValueError(
            f"{as_written}: “{value}” is not a number, and {operator} compares numbers."
        )
    elif operator in ("=", "!=") and key in CHOSEN and value.lower() not in CHOICES[key]:
        raise ValueError(f"{as_written}: {key} is one of {', '.join(CHOICES[key])}.")
    if operator in PATTERNS:
        compiled(value, anywhere=operator == "~")
    return condition


def plain(text: str) -> str:
    """Without its quotes."""
    return ESCAPED.sub(r"\1", text[1:-1]) if text.startswith('"') else text


def written(key: str, operator: str, value: str) -> str:
    """A term as it is typed, with quotes where they are needed."""
    return f"{quoted(key, KEY_ALONE)}{operator}{quoted(value, VALUE_ALONE)}"


def quoted(text: str, alone: re.Pattern[str]) -> str:
    if alone.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def terms_of_tags(text: str) -> str:
    """What Jaeger's `tags` says, a JSON map of strings or terms, as terms; raises ValueError with a
    sentence.
    """
    text = text.strip()
    if not text.startswith("{"):
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError('This is not JSON. Write {"key": "value"} or key=value.') from None
    texts = ((key, v if isinstance(v, str) else json.dumps(v)) for key, v in found.items())
    return " ".join(written(as_jaeger_means(key), "=", value) for key, value in texts)
