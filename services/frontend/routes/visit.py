"""One request of a browser: who it is, which form token it has, and which trace it makes."""

import re
import secrets
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request
from opentelemetry import trace
from opentelemetry.trace import SpanContext, format_trace_id

from services.frontend.domain.basket import Basket
from services.frontend.domain.visitor import Click, Session, User, led_here, read_clicks
from shared.errors import Unauthorized

# A cookie can hold what a header cannot, such as the end of a line.
WELL_FORMED = re.compile(r"[\w.~+/=-]{1,200}", re.ASCII)
TOKEN, USER, FORM_TOKEN, CLICKS = "shop_token", "shop_user", "shop_form", "shop_clicks"
SESSION, PLAN = "shop_session", "shop_plan"
BASKET, COUNT = "shop_basket", "shop_count"


@dataclass(frozen=True)
class Visit:
    """What a browser brought along. Nothing of it is trusted before the gateway has checked it."""

    request: Request

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def client(self) -> str:
        """The network address it came from."""
        return self.request.client.host if self.request.client else ""

    @property
    def address(self) -> str:
        """The path with its query, to come back to."""
        query = self.request.url.query
        return f"{self.path}?{query}" if query else self.path

    @property
    def token(self) -> str:
        return self._cookie(TOKEN) if self.user else ""

    @cached_property
    def user(self) -> User | None:
        """Who says to be here; None without a token."""
        return User.read(self._cookie(USER)) if WELL_FORMED.fullmatch(self._cookie(TOKEN)) else None

    def known(self) -> tuple[User, str]:
        """The user and the token; raises Unauthorized when nobody is logged in."""
        if self.user is None:
            raise Unauthorized("log in first")
        return self.user, self.token

    @cached_property
    def form_token(self) -> str:
        """What a form must bring back; made up at the first visit."""
        kept = self._cookie(FORM_TOKEN)
        return kept if WELL_FORMED.fullmatch(kept) else secrets.token_urlsafe(24)

    @property
    def basket(self) -> Basket:
        """What was put into the cart before anybody logged in."""
        changed = getattr(self.request.state, BASKET, None)
        return changed if isinstance(changed, Basket) else Basket.read(self._cookie(BASKET))

    @property
    def count(self) -> int | None:
        """How many things are in the cart, as far as this browser knows; None when it does not."""
        if self.user is None:
            return self.basket.quantity
        learned = getattr(self.request.state, COUNT, None)
        if isinstance(learned, int):
            return learned
        kept = self._cookie(COUNT)
        return int(kept) if re.fullmatch(r"[0-9]{1,5}", kept, re.ASCII) else None

    def keep_basket(self, basket: Basket) -> None:
        """Has the answer to this request change the cookie of the basket."""
        setattr(self.request.state, BASKET, basket)

    def learn_count(self, count: int) -> None:
        """Has the answer to this request show the count, and the browser keep it."""
        setattr(self.request.state, COUNT, count)

    @cached_property
    def clicks(self) -> tuple[Click, ...]:
        return read_clicks(self._cookie(CLICKS))

    @cached_property
    def before(self) -> Click | None:
        """The click whose answer was to look here."""
        return led_here(self.clicks, int(time.time()))

    @property
    def session(self) -> Session | None:
        """The session at this step, as the edge found it."""
        found = getattr(self.request.state, "session", None)
        return found if isinstance(found, Session) else None

    @property
    def kept_session(self) -> Session | None:
        """The session and its last step, as the browser kept them."""
        return Session.read(self._cookie(SESSION), self._cookie(PLAN))

    @cached_property
    def span(self) -> SpanContext:
        return trace.get_current_span().get_span_context()

    @property
    def trace_id(self) -> str:
        """Empty when there is no tracing."""
        return format_trace_id(self.span.trace_id) if self.span.is_valid else ""

    @property
    def recorded(self) -> bool:
        return self.span.is_valid and self.span.trace_flags.sampled

    def click(self, status: int) -> Click:
        """This request, once it is answered."""
        return Click(self.trace_id, self.request.method, self.path, status, int(time.time()))

    def _cookie(self, name: str) -> str:
        return self.request.cookies.get(name, "")


def arrive(request: Request) -> Visit:
    return Visit(request)


Arrived = Annotated[Visit, Depends(arrive)]
