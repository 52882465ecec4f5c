from typing import Annotated

from fastapi import APIRouter, Header, Path, Query

from services.payment.routes.charging import ChargeBody, Charging, answer
from services.payment.store import Ledger
from shared.contracts.payment import Charge, Charges
from shared.openapi import errors

OrderId = Annotated[str, Path(min_length=1, max_length=64)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
After = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def routes(charging: Charging, ledger: Ledger) -> APIRouter:
    router = APIRouter(tags=["payment"])

    @router.post("/charges", status_code=201, responses=errors(402, 409))
    async def charge_card(body: ChargeBody, key: Key) -> Charge:
        return await charging.charge(body, key)

    @router.get("/charges/{order_id}", responses=errors(404))
    async def read_charge(order_id: OrderId) -> Charge:
        return await charging.read(order_id)

    @router.post("/charges/{order_id}/void", responses=errors(404, 409))
    async def void_charge(order_id: OrderId) -> Charge:
        return await charging.void(order_id)

    @router.get("/charges")
    async def list_charges(after: After = "", limit: Limit = 100) -> Charges:
        """The whole ledger; the next page comes after the last order's id of this one."""
        return Charges(data=tuple(map(answer, await ledger.page(after, limit))))

    return router
