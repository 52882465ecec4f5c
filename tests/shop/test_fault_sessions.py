"""Whose clicks fail: the same of each session, however their requests are mixed."""

import asyncio
import random

import pytest

from chaos.engine.model import Fault, Snapshot
from tests.conftest import CALM, OpenShop
from tests.faulty import faults_in
from tests.inprocess import Shop

SESSIONS, STEPS = 6, 8
Clicks = dict[tuple[str, str], str]


async def click(shop: Shop, session: str, step: str) -> str:
    headers = {"baggage": f"session.id={session},acmeshop.step={step}"}
    answer = (await shop.get("/orders/12345", headers=headers)).json()
    return str(answer.get("status") or answer["detail"])


async def clicked(shop: Shop, seed: int) -> Clicks:
    """The outcomes of everybody's clicks, made all at once and in an order of chance."""
    every = [(f"s-{n}", str(step)) for n in range(SESSIONS) for step in range(STEPS)]
    random.Random(seed).shuffle(every)
    return dict(
        zip(every, await asyncio.gather(*(click(shop, *one) for one in every)), strict=True)
    )


def ledgers(shop: Shop) -> set[tuple[str, ...]]:
    return {
        (name, hit.fault, hit.session, hit.step, hit.hop)
        for name, runtime in shop.runtimes.items()
        for hit in faults_in(runtime).ledger
    }


async def test_the_same_clicks_fail_in_whatever_order_they_come(shop_with: OpenShop) -> None:
    shops = [await shop_with(ACME_SEED="42") for _ in range(2)]

    first, second = [await clicked(shop, n) for n, shop in enumerate(shops)]

    assert first == second
    assert len(set(first.values())) == 3
    assert ledgers(shops[0]) == ledgers(shops[1])


async def test_a_session_changes_nothing_for_those_who_have_none(shop_with: OpenShop) -> None:
    quiet, busy = [await shop_with(ACME_SEED="42") for _ in range(2)]

    alone = [(await quiet.get("/orders/12345")).json() for _ in range(30)]
    mixed = []
    for n in range(30):
        await click(busy, "ann", str(n))
        mixed.append((await busy.get("/orders/12345")).json())

    assert mixed == alone


async def test_a_fault_follows_one_person_and_nobody_else(shop_with: OpenShop) -> None:
    shop = await shop_with(**CALM)
    where = {"side": "store", "service": "shipping", "match": {"session": "ann"}}
    fault = {"id": "for-ann", "where": where, "effect": {"type": "connect_error"}}
    for runtime in shop.runtimes.values():
        faults_in(runtime).replace(Snapshot(faults=(Fault.model_validate(fault),)))

    for step in range(3):
        assert await click(shop, "ann", str(step)) == "error fetching shipping status"
        assert await click(shop, "bob", str(step)) == "delivered"
    assert faults_in(shop.runtimes["shipping"]).registry.tallies["for-ann"].fired == 3


@pytest.mark.parametrize("value", ["", "s" * 5000, "%00", "a b", "é"])
async def test_whatever_calls_itself_a_session_is_served(shop_with: OpenShop, value: str) -> None:
    shop = await shop_with(**CALM)
    members = f"session.id={value},acmeshop.step={value}".encode()
    headers = [(b"baggage", members), (b"x-acmeshop-hop", value.encode())]

    response = await shop.get("/orders/12345", headers=headers)

    assert response.status_code == 200
