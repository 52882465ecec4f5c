"""A simulated bank. Its books are its own: they outlive whatever happens to
payment, and no card is in them.
"""

from secrets import token_hex
from typing import Any

from shared.http import SimulatedRequest
from shared.stores.documents import Document, Documents

SECONDS = 0.02
CHARGES = "/v1/charges"
DECLINED_ENDING = "0002"

Answer = tuple[int, Any]


class SimulatedBank:
    """One entry for each key, and the first request decides what it is: "charged", "declined", or
    "closed" when it is to be given back before it came. A charge can become "refunded".
    """

    def __init__(self, books: Documents) -> None:
        self._books = books

    async def answer(self, request: SimulatedRequest) -> Answer:
        match request.method, request.path:
            case "POST", "/v1/charges":
                return await self._charge(request.key, request.body)
            case "POST", "/v1/refunds":
                return await self._give_back(request.body["key"])
            case "GET", path if path.startswith(f"{CHARGES}/"):
                return await self._read(path.removeprefix(f"{CHARGES}/"))
        return 404, {"detail": f"no {request.method} {request.path}"}

    async def _charge(self, key: str, body: Any) -> Answer:
        declined = body["card"]["number"].endswith(DECLINED_ENDING)
        first = {
            "key": key,
            "id": f"ch_{token_hex(8)}",
            "state": "declined" if declined else "charged",
            "amount": body["amount"],
            "currency": body["currency"],
        }
        added = await self._books.add(key, first)
        return charge_answer(first if added else await self._books.get(key) or first)

    async def _give_back(self, key: str) -> Answer:
        closed = {"key": key, "id": "", "state": "closed", "amount": 0, "currency": "USD"}
        if not await self._books.add(key, closed):
            await self._books.change(key, "state", "charged", {"state": "refunded"})
        return 200, {"key": key}

    async def _read(self, key: str) -> Answer:
        entry = await self._books.get(key)
        return (200, entry) if entry else (404, {"detail": f"no charge {key}"})


def charge_answer(entry: Document) -> Answer:
    if entry["state"] == "charged":
        return 201, {"id": entry["id"], "amount": entry["amount"]}
    if entry["state"] == "declined":
        return 402, {"detail": "declined"}
    return 409, {"detail": f"charge {entry['key']} was given back"}
