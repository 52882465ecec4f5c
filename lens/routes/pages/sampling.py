"""The page that shows the sampling strategies and edits them."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from lens.domain.strategies import OperationStrategy, Strategies, Strategy
from lens.routes.pages.shell import Shell
from lens.routes.sampling import edited
from lens.store import TraceStore
from lens.store.strategies import sentence
from lens.store.tail import TailCounts
from lens.views.sampling import TYPES, rows
from shared.errors import BadRequest, Unavailable

MOST_FIELDS, MOST_BYTES = 10, 4_096
EMPTY: Mapping[str, str] = dict.fromkeys(("service", "type", "param", "operation", "do"), "")


def add_sampling(router: APIRouter, store: TraceStore, shell: Shell, port: int) -> None:
    strategies = store.strategies

    async def page(
        status: int = 200,
        *,
        wrong: str = "",
        form: Mapping[str, str] = EMPTY,
        saved: str = "",
    ) -> HTMLResponse:
        known = await store.services()
        operations = [
            operation.name
            for service in sorted({*known})
            for operation in await store.operations(service, "server")
        ]
        return await shell.page(
            "sampling.html",
            status,
            rows=rows(strategies.current, known, strategies.polled),
            types=TYPES,
            operations=sorted(set(operations)),
            port=port,
            form={**EMPTY, **form},
            wrong=wrong,
            saved=saved,
            tail=tail_of(store),
        )

    @router.get("/sampling")
    async def read_page(saved: str = Query("", max_length=200)) -> Response:
        return await page(saved=saved)

    @router.post("/sampling")
    async def edit(request: Request) -> Response:
        async with request.form(max_fields=MOST_FIELDS, max_part_size=MOST_BYTES) as sent:
            form = {name: text.strip() for name, text in sent.items() if isinstance(text, str)}
        try:
            await edited(strategies, lambda old: changed(old, form))
        except ValidationError as error:
            wrong = sentence(error)
        except (ValueError, BadRequest) as error:
            wrong = str(error)
        except Unavailable as error:
            return await page(503, wrong=str(error), form=form)
        else:
            name = form.get("service") or "all others"
            return RedirectResponse("/sampling?" + urlencode({"saved": name}), 303)
        return await page(400, wrong=wrong, form=form)


def changed(old: Strategies, form: dict[str, str]) -> Strategies:
    """The strategies after what a form asks for. Raises ValueError with a sentence."""
    service, operation = form.get("service", ""), form.get("operation", "")
    before = old.of(service) if service else old.default_strategy
    match form.get("do"):
        case "save":
            type_ = form.get("type", "")
            kept = before.operation_strategies if type_ == before.type else ()
            strategy = Strategy.model_validate(
                {"type": type_, "param": number(form), "operation_strategies": kept}
            )
        case "save operation":
            strategy = with_operation(before, operation, number(form))
        case "remove operation":
            strategy = with_operation(before, operation, None)
        case "remove":
            return old.without(service)
        case _:
            raise ValueError("the form does not say what to do")
    return old.with_service(service, strategy) if service else old.with_default(strategy)


def number(form: dict[str, str]) -> float:
    text = form.get("param", "").replace(",", ".")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"“{text[:40]}” is not a number") from None


def with_operation(strategy: Strategy, operation: str, probability: float | None) -> Strategy:
    """The strategy with a probability for an operation, or without one for None."""
    others = [one for one in strategy.operation_strategies if one.operation != operation]
    if probability is not None:
        others.append(OperationStrategy(operation=operation, param=probability))
    return Strategy(type=strategy.type, param=strategy.param, operation_strategies=tuple(others))


def tail_of(store: TraceStore) -> TailCounts | None:
    return store.tail.counts if store.tail else None
