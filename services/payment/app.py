from fastapi import FastAPI

from services.payment.clients import bank, pretended
from services.payment.flows import Payments
from services.payment.routes import routes
from services.payment.store import INDEXED, Ledger
from shared.http import Pretended
from shared.service import Runtime, create_service
from shared.settings import PaymentSettings

# Less than the share of the total deadline that orders gives a charge.
WITHIN = 0.1


def create_app(runtime: Runtime[PaymentSettings]) -> FastAPI:
    settings = runtime.settings
    ledger = Ledger(runtime.documents("charges", *INDEXED))
    books = pretended.PretendedBank(runtime.books("bank", "charges"))
    system = Pretended(books.answer, pretended.SECONDS)
    account = bank.Bank(runtime.outside("bank", bank.URL, system, WITHIN))
    payments = Payments(ledger, account, settings.recovery, runtime.faults)
    runtime.every(settings.recovery, payments.take_up)
    router = routes(payments, ledger, accept_expired=settings.accept_expired)
    return create_service("payment", runtime, router)
