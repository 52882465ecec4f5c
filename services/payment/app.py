from fastapi import FastAPI

from services.payment.clients import bank, simulated
from services.payment.flows import Payments, Repeat, another, known
from services.payment.routes.charging import Charging
from services.payment.routes.http import routes
from services.payment.store import INDEXED, Ledger
from shared.http import SimulatedSystem
from shared.service import Runtime, create_service
from shared.settings import PaymentSettings

# Less than the share of the total deadline that orders gives a charge.
WITHIN = 0.1


def create_app(runtime: Runtime[PaymentSettings]) -> FastAPI:
    settings = runtime.settings
    ledger = Ledger(runtime.stores.documents("charges", *INDEXED))
    books = simulated.SimulatedBank(runtime.stores.books("bank", "charges"))
    simulated_bank = SimulatedSystem(books.answer, simulated.SECONDS)
    account = bank.Bank(runtime.peers.outside("bank", bank.URL, simulated_bank, WITHIN))
    once: Repeat = known
    repeat = runtime.hooks.choose(once, no_idempotency=another)
    payments = Payments(ledger, account, settings.recovery, repeat)
    runtime.life.every(settings.recovery, payments.take_up)
    charging = Charging(payments, settings.accept_expired)
    if settings.internal == "grpc":
        # Only where it is wanted: grpcio takes memory and time.
        from services.payment.routes.rpc import serve_rpc  # noqa: PLC0415

        serve_rpc(runtime, settings.grpc_port, charging)
    return create_service("payment", runtime, routes(charging, ledger))
