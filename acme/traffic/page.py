"""A page, as a person sees it: its text, where its links lead, and forms to fill in."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from html.parser import HTMLParser
from types import MappingProxyType
from urllib.parse import urlencode, urljoin, urlsplit

WITH_ID = re.compile(r"^(/products|/journal|/orders|/cart/items)/[^/]+")
Attributes = dict[str, str | None]
UNSEEN = {"script", "style", "template"}
NOT_SENT = {"submit", "button", "image", "reset", "file"}
ONLY_IF_CHECKED = {"checkbox", "radio"}


@dataclass(frozen=True)
class Click:
    """`address` is a path with its query; `fields` are those of a form that is posted. `led` is
    true where nobody clicked: an answer redirected the browser.
    """

    method: str
    address: str
    fields: Mapping[str, str] = field(default_factory=dict)
    led: bool = False

    @property
    def route(self) -> str:
        """The path without ids, as the shop names its own spans: `/products/{id}`."""
        return WITH_ID.sub(r"\1/{id}", self.address.partition("?")[0])

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"


def typed(address: str) -> Click:
    """The address is typed, no link is followed."""
    return Click("GET", address)


def led(address: str) -> Click:
    """The browser goes there by itself: the last answer redirected it."""
    return Click("GET", address, led=True)


NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass
class Form:
    """`action` is where it goes. `fields` is what would be sent if nobody typed anything, with what
    is hidden in it: tokens and keys. `buttons` are those that send a name and a value of their own.
    """

    action: str
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return urlsplit(self.action).path

    def offers(self, name: str, value: str) -> bool:
        """Whether it sends this value, by itself or by one of its buttons."""
        return self.fields.get(name) == value or (name, value) in self.buttons

    def filled(self, values: Mapping[str, str] = NOTHING) -> Click:
        """Sends it off, with those of the values that it asks for."""
        wanted = {*self.fields, *(name for name, _ in self.buttons)}
        fields = self.fields | {name: value for name, value in values.items() if name in wanted}
        if self.method == "POST":
            return Click("POST", self.action, fields)
        return Click("GET", f"{self.path}?{urlencode(fields)}")


class Markup(HTMLParser):
    """Links and actions are as they stand in the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._unseen = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._unseen += tag in UNSEEN
        if tag == "a" and (link := found.get("href")):
            self.links.append(link)
        elif tag == "form":
            self._form = Form(found.get("action") or "", (found.get("method") or "get").upper())
            self.forms.append(self._form)
        elif self._form and "disabled" not in found:
            self._note(self._form, tag, found)

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if not self._unseen and data.strip():
            self.text.append(data.strip())

    def _note(self, form: Form, tag: str, found: Attributes) -> None:
        """What an element adds to its form."""
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in found or self._select not in form.fields):
            form.fields[self._select] = value
        elif tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "input" and name and is_sent(found):
            form.fields[name] = value


def is_sent(found: Attributes) -> bool:
    """Whether a browser sends this input when nobody has touched it."""
    kind = found.get("type") or "text"
    return kind not in NOT_SENT and (kind not in ONLY_IF_CHECKED or "checked" in found)


class Missing(LookupError):
    """The page does not have what a person was looking for."""


@dataclass(frozen=True)
class Page:
    """`status` is 0 when nothing was answered. `links` and `leads_to`, where the answer sends the
    browser, are addresses of the same shop; other places are left out.
    """

    address: str
    status: int
    links: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    text: str = ""
    leads_to: str = ""

    @classmethod
    def read(cls, url: str, status: int, html: str, location: str = "") -> "Page":
        """Out of the answer to `url`."""
        found = Markup(html)
        forms = (replace(form, action=near(url, form.action)) for form in found.forms)
        return cls(
            address=near(url, url),
            status=status,
            links=tuple(filter(None, (near(url, link) for link in found.links))),
            forms=tuple(form for form in forms if form.action),
            text=" ".join(found.text),
            leads_to=near(url, location) if location else "",
        )

    @property
    def failed(self) -> bool:
        """Whether it is the shop that failed, and trying again may help."""
        return self.status == 0 or self.status >= 500

    def has(self, path: str) -> bool:
        return any(urlsplit(link).path == path for link in self.links)

    def link(self, path: str) -> Click:
        """Follows the link to `path`."""
        for link in self.links:
            if urlsplit(link).path == path:
                return Click("GET", link)
        raise Missing(f"{self.address} has no link to {path}")

    def like(self, pattern: str) -> list[str]:
        """The links that look like `/products/*`, each once."""
        return sorted({link for link in self.links if fnmatchcase(link, pattern)})

    def any_link(self, pattern: str, chance: random.Random) -> Click:
        """Follows one of the links that look like the pattern."""
        links = self.like(pattern)
        if not links:
            raise Missing(f"{self.address} has no link to {pattern}")
        return Click("GET", chance.choice(links))

    def form(self, pattern: str, **offered: str) -> Form:
        """The first form that goes to a path like `/cart/items/*` and offers these values."""
        for form in self.forms:
            suits = all(form.offers(name, value) for name, value in offered.items())
            if suits and fnmatchcase(form.path, pattern):
                return form
        raise Missing(f"{self.address} has no form to {pattern}")


def near(url: str, link: str) -> str:
    """The address within the shop; empty when the link leads out of it, or within the page."""
    if link.startswith("#"):
        return ""
    here, there = urlsplit(url), urlsplit(urljoin(url, link))
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        return ""
    return f"{there.path}?{there.query}" if there.query else there.path
