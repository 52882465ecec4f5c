"""A person's browser: cookies, headers, and the time each answer takes."""

import ssl
import time
from typing import Self

import httpx

from acme.traffic.click import Click
from acme.traffic.outcomes import Outcome, Outcomes, trace_of
from acme.traffic.page import Page

PATIENCE = 10.0
HEADERS = {"user-agent": "acme-traffic", "accept": "text/html"}


class Browser:
    """Opens pages of the shop at `url`; redirects are left to whoever clicks.

    Many browsers may share what they trust (`security`), which takes long to load.
    """

    def __init__(
        self,
        url: str,
        outcomes: Outcomes,
        transport: httpx.AsyncBaseTransport | None = None,
        security: ssl.SSLContext | None = None,
    ) -> None:
        self._outcomes = outcomes
        # No proxy of the environment: whom it asks must be whom it was told to ask.
        self._client = httpx.AsyncClient(
            base_url=url,
            headers=HEADERS,
            timeout=PATIENCE,
            transport=transport,
            trust_env=False,
            verify=security or True,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def open(self, click: Click) -> Page:
        """The page that the click leads to; one with status 0 when there is no answer."""
        begun = time.perf_counter()
        try:
            answer = await self._client.request(
                click.method, click.address, data=dict(click.fields) or None
            )
        except httpx.RequestError:
            self._outcomes.note(Outcome(click.name, 0, time.perf_counter() - begun))
            return Page(click.address, 0)
        seconds = time.perf_counter() - begun
        trace = trace_of(answer.headers.get("traceresponse", ""))
        self._outcomes.note(Outcome(click.name, answer.status_code, seconds, trace))
        location = answer.headers.get("location", "")
        return Page.read(str(answer.url), answer.status_code, answer.text, location)
