"""A page, as a person sees it: where it leads, and what can be filled in."""

import random
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from urllib.parse import urljoin, urlsplit

from acme.traffic.click import Click
from acme.traffic.form import Form
from acme.traffic.markup import Markup


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
