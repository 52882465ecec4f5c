from fastapi import FastAPI

from services.payment.clients import bank, simulated
from services.payment.flows import Payments, Repeat, another, known
from services.payment.routes import routes
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
    router = routes(payments, ledger, accept_expired=settings.accept_expired)
    return create_service("payment", runtime, router)
