"""No card, password or token leaves the shop in a span, a log line or an error: real processes, all
bytes they export and print, with everything logged that can be.
"""

import re
from typing import Any

import aiohttp

from tests.e2e.launched import Launched, until
from tests.e2e.sink import Sink, sink

PASSWORD, WRONG = "correct-horse-battery-staple", "incorrect-horse-battery-staple"
CARD, REFUSED, TYPED_WRONG = "4111111111111111", "4000000000000002", "41111111x1111117"
CODE = re.compile(rb"(?i)(ccv|cvv|code)\W{0,5}9\D?8\D?7\D?6")
LOUD = {"ACME_LOG_LEVEL": "debug", "ACME_ACCESS_LOG": "true", "DEMO_PASSWORD": PASSWORD}


def order(number: Any, **changes: Any) -> dict[str, Any]:
    card = {"type": "visa", "number": number, "expMonth": "12", "expYear": "2099", "ccv": "9876"}
    return {
        "firstname": "Eric",
        "lastname": "Cartman",
        "address": {"street": "1 Main", "city": "X", "zip": "1", "state": "CO", "country": "US"},
        "email": "eric@example.com",
        "delivery": "UPS/FEDEX",
        "card": card,
        "cart": [{"id": "1234", "description": "pants", "quantity": "1", "price": "4"}],
        "total": "100",
        **changes,
    }


class Careless:
    """Does what people do, and what they should not; notes every secret it was given."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.secrets = {PASSWORD, WRONG, CARD, REFUSED, TYPED_WRONG}
        self.answers: list[str] = []

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        async with self._session.request(method, path, json=body, **more) as answer:
            text = await answer.text()
            if answer.status >= 400:
                self.answers.append(text)
                return None
            return await answer.json()

    async def log_in(self) -> str:
        body = await self.ask("POST", "/login/", {"username": "eric", "password": PASSWORD})
        self.secrets |= {body["access_token"], body["refresh_token"]}
        return str(body["token"])

    async def do_it_all(self) -> None:
        await self.ask("POST", "/login/", {"username": "eric", "password": WRONG})
        await self.ask("POST", "/login/", {"username": PASSWORD, "password": WRONG})
        await self.ask("POST", "/login/", {"username": "eric", "password": [WRONG]})
        await self.ask("POST", "/register", {"username": "x", "password": WRONG})
        new = {"username": "newcomer", "firstname": "N", "lastname": "C", "email": "n@example.com"}
        await self.ask("POST", "/register", {**new, "password": WRONG})
        eric = await self.log_in()
        for number in (CARD, REFUSED, TYPED_WRONG, [CARD], {"number": CARD}, CARD * 3):
            await self.ask("POST", f"/order/add/{eric}", order(number))
        await self.ask("POST", f"/order/add/{eric}", order(CARD, total=CARD))
        await self.ask("POST", f"/order/add/{eric}", order(CARD, card=CARD))
        await self.ask("POST", f"/order/add/{eric}", order(CARD, cart=CARD))
        await self.ask("GET", f"/order/{eric}")
        bearer = {"authorization": f"Bearer {min(self.secrets)}"}
        await self.ask("GET", f"/order/{eric}", headers=bearer)
        await self.ask("POST", "/logout", {})


async def test_no_secret_is_exported_logged_or_answered(launched: Launched) -> None:
    with sink() as taking:
        launched.environ |= {**LOUD, "OTEL_EXPORTER_OTLP_ENDPOINT": taking.url}
        launched.environ |= {"AUTH_FAILURE_RATE": "0", "PAYMENT_FAILURE_RATE": "0.3"}
        launched.up()
        gateway = launched.services()["gateway"]["url"]
        jar = aiohttp.CookieJar(unsafe=True)  # an address is no name of a host
        async with aiohttp.ClientSession(gateway, cookie_jar=jar) as session:
            person = Careless(session)
            await person.do_it_all()
            person.secrets |= {cookie.value for cookie in jar}
        until(lambda: came_from(taking, b"payment") and came_from(taking, b"shipping"))
        launched.close()  # sends what is left

    exported = b"".join(body for _, body in taking.bodies)
    written = exported + launched.log_file.read_bytes() + "".join(person.answers).encode()
    assert b"/order/add/{userid}" in exported
    assert b"POST /charges" in exported
    assert [secret for secret in person.secrets if secret and secret.encode() in written] == []
    assert CODE.findall(written) == []


def came_from(taking: Sink, service: bytes) -> bool:
    return any(service in body and b"order" in body for _, body in taking.bodies)
