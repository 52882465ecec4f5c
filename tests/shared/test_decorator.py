"""`@Trace` on everything that can be called, and what it leaves as it was."""

import asyncio
import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import aclosing, closing
from functools import cached_property, lru_cache
from typing import Any, assert_type

import pytest
from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from chaos.engine.engine import FaultEngine
from chaos.engine.inside import point
from chaos.engine.model import Fault
from chaos.engine.registry import OwnFault
from shared.settings import OrdersSettings
from shared.telemetry.current import with_telemetry
from shared.telemetry.decorator import Trace
from shared.telemetry.global_providers import install
from shared.telemetry.provider import Telemetry


class Spans:
    """The telemetry of a service, and the spans it finished, in the order in which they started."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.telemetry = Telemetry.open(OrdersSettings(), self._exporter)
        self.tracer = self.telemetry.tracer

    @property
    def all(self) -> list[ReadableSpan]:
        return sorted(self._exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.all]

    @property
    def one(self) -> ReadableSpan:
        (span,) = self.all
        return span


@pytest.fixture(autouse=True, scope="module")
def _global_providers() -> None:
    install()


@pytest.fixture
def spans() -> Iterator[Spans]:
    """The spans of the service that is at work during the test."""
    spans = Spans()
    token = otel.attach(with_telemetry(spans.telemetry))
    yield spans
    otel.detach(token)


def current() -> str:
    return getattr(trace.get_current_span(), "name", "none")


@Trace
def add(a: int, b: int = 1) -> int:
    """Adds."""
    return a + b


def test_a_function_gets_a_span_of_its_name_and_does_what_it_did(spans: Spans) -> None:
    assert add(2, b=3) == 5
    assert spans.one.name == "add"
    assert spans.one.status.status_code is StatusCode.UNSET


def test_the_decorated_function_still_looks_like_itself() -> None:
    assert_type(add(1), int)
    assert (add.__name__, add.__doc__) == ("add", "Adds.")
    assert str(inspect.signature(add)) == "(a: int, b: int = 1) -> int"


def test_the_span_is_current_inside_and_no_longer_afterwards(spans: Spans) -> None:
    @Trace
    def inner() -> str:
        return current()

    @Trace
    def outer() -> tuple[str, str]:
        return inner(), current()

    assert outer() == ("inner", "outer")
    assert current() == "none"
    above, below = spans.all
    assert below.parent == above.context


def test_name_and_attributes_can_be_given(spans: Spans) -> None:
    @Trace(name="price the cart", attributes={"acmeshop.cart.size": 3})
    def price() -> None: ...

    price()
    assert spans.one.name == "price the cart"
    assert spans.one.attributes == {"acmeshop.cart.size": 3}


def test_empty_parentheses_are_the_same_as_none(spans: Spans) -> None:
    @Trace()
    def price() -> int:
        return 7

    assert price() == 7
    assert spans.names == ["price"]


async def test_a_coroutine_stays_one_and_its_span_covers_the_waiting(spans: Spans) -> None:
    go = asyncio.Event()

    @Trace
    async def wait() -> str:
        await go.wait()
        return current()

    assert inspect.iscoroutinefunction(wait)
    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    assert spans.all == []
    go.set()
    assert await task == "wait"
    assert spans.names == ["wait"]


async def test_concurrent_coroutines_keep_parents_of_their_own(spans: Spans) -> None:
    @Trace
    async def leaf() -> None:
        await asyncio.sleep(0)

    async def branch(name: str) -> None:
        with spans.tracer.start_as_current_span(name):
            await asyncio.sleep(0)
            await leaf()

    await asyncio.gather(branch("left"), branch("right"))
    parents = {span.parent.span_id for span in spans.all if span.parent}
    assert len(parents) == 2


class Refused(Exception):
    """A failure."""


def test_an_exception_is_recorded_and_passes_on_unchanged(spans: Spans) -> None:
    error = Refused("no such card")

    @Trace
    def charge() -> None:
        raise error

    with pytest.raises(Refused) as caught:
        charge()
    assert caught.value is error
    assert spans.one.status.status_code is StatusCode.ERROR
    assert spans.one.status.description == "Refused: no such card"
    assert (spans.one.attributes or {})["error.type"] == "Refused"
    assert [event.name for event in spans.one.events] == ["exception"]
    assert current() == "none"


async def test_a_stack_trace_does_not_tell_of_a_failure_that_was_ordered(spans: Spans) -> None:
    given = {"id": "the-fault", "hidden": True, "where": {"side": "point"}}
    mistake = Fault.model_validate(given | {"effect": {"type": "exception", "name": "KeyError"}})

    @Trace
    async def charge() -> None:
        await point(FaultEngine([OwnFault(mistake)]), "payment.charge")

    with pytest.raises(KeyError):
        await charge()
    [event] = spans.one.events
    stack = str((event.attributes or {})["exception.stacktrace"])
    assert "in charge" in stack
    assert "chaos/engine" not in stack


async def test_the_exception_of_a_coroutine_is_recorded(spans: Spans) -> None:
    @Trace
    async def charge() -> None:
        await asyncio.sleep(0)
        raise Refused

    with pytest.raises(Refused):
        await charge()
    assert spans.one.status.status_code is StatusCode.ERROR


async def test_a_cancellation_is_no_error(spans: Spans) -> None:
    @Trace
    async def wait() -> None:
        await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert spans.one.status.status_code is StatusCode.UNSET
    assert spans.one.events == ()


def count(to: int) -> Generator[str, str | None, str]:
    """Yields the current span's name, `to` times; answers the last thing sent in."""
    sent = None
    try:
        for _ in range(to):
            sent = yield current()
    finally:
        trace.get_current_span().add_event("finally")
    return f"last was {sent}"


def test_a_generators_span_lasts_from_its_first_step_to_its_end(spans: Spans) -> None:
    counted = Trace(count)
    assert inspect.isgeneratorfunction(counted)
    steps = counted(2)
    with spans.tracer.start_as_current_span("caller"):
        assert next(steps) == "count"
        assert current() == "caller"
    assert next(steps) == "count"
    assert spans.names == ["caller"]
    assert next(steps, "end") == "end"
    assert spans.names == ["caller", "count"]


def test_a_generator_never_started_has_no_span(spans: Spans) -> None:
    Trace(count)(2).close()
    assert spans.all == []


def test_a_generator_still_takes_what_is_sent_and_answers(spans: Spans) -> None:
    def outer() -> Generator[str, str | None, None]:
        answers.append((yield from Trace(count)(2)))

    answers: list[str] = []
    steps = outer()
    next(steps)
    steps.send("first")
    with pytest.raises(StopIteration):
        steps.send("second")
    assert answers == ["last was second"]


def test_closing_a_generator_early_is_no_error_and_its_cleanup_is_inside(spans: Spans) -> None:
    with closing(Trace(count)(9)) as steps:
        next(steps)
    assert spans.one.status.status_code is StatusCode.UNSET
    assert [event.name for event in spans.one.events] == ["finally"]


def test_what_is_thrown_into_a_generator_reaches_it(spans: Spans) -> None:
    @Trace
    def forgiving() -> Iterator[str]:
        try:
            yield "first"
        except Refused:
            yield f"forgiven in {current()}"

    steps = forgiving()
    next(steps)
    assert steps.throw(Refused()) == "forgiven in forgiving"  # type: ignore[attr-defined]


def test_an_exception_out_of_a_generator_is_recorded(spans: Spans) -> None:
    @Trace
    def failing() -> Iterator[int]:
        yield 1
        raise Refused

    with pytest.raises(Refused):
        list(failing())
    assert spans.one.status.status_code is StatusCode.ERROR


@Trace
async def stream(to: int) -> AsyncGenerator[str, str | None]:
    try:
        for _ in range(to):
            await asyncio.sleep(0)
            sent = yield current()
            if sent:
                yield sent
    finally:
        await asyncio.sleep(0)
        trace.get_current_span().add_event("finally")


async def test_an_async_generators_span_lasts_from_its_first_step_to_its_end(
    spans: Spans,
) -> None:
    assert inspect.isasyncgenfunction(stream)
    found = [(item, current()) async for item in stream(2)]
    assert found == [("stream", "none")] * 2
    assert spans.names == ["stream"]


async def test_an_async_generator_still_takes_what_is_sent(spans: Spans) -> None:
    async with aclosing(stream(2)) as steps:
        await anext(steps)
        assert await steps.asend("hello") == "hello"


async def test_closing_an_async_generator_early_is_no_error_and_its_cleanup_is_inside(
    spans: Spans,
) -> None:
    async with aclosing(stream(9)) as steps:
        await anext(steps)
    assert spans.one.status.status_code is StatusCode.UNSET
    assert [event.name for event in spans.one.events] == ["finally"]


async def test_what_is_thrown_into_an_async_generator_reaches_it_and_is_recorded(
    spans: Spans,
) -> None:
    steps = stream(2)
    await anext(steps)
    with pytest.raises(Refused):
        await steps.athrow(Refused())
    assert spans.one.status.status_code is StatusCode.ERROR
    assert [event.name for event in spans.one.events] == ["finally", "exception"]


async def test_an_async_generator_can_be_closed_by_another_task(
    spans: Spans, caplog: pytest.LogCaptureFixture
) -> None:
    steps = stream(9)
    await asyncio.create_task(anext(steps))
    await asyncio.create_task(steps.aclose())
    assert spans.names == ["stream"]
    assert caplog.records == []


class Cart:
    """Each way to decorate a method."""

    @Trace
    def add(self) -> "Cart":
        return self

    @Trace
    @staticmethod
    def outer_static(value: int) -> int:
        return value

    @staticmethod
    @Trace
    def inner_static(value: int) -> int:
        return value

    @Trace
    @classmethod
    def outer_class(cls) -> type["Cart"]:
        return cls

    @classmethod
    @Trace
    def inner_class(cls) -> type["Cart"]:
        return cls


class SmallCart(Cart):
    """Inherits them."""


def test_methods_of_every_kind_are_named_after_class_and_method(spans: Spans) -> None:
    cart = SmallCart()
    assert cart.add() is cart
    assert cart.outer_static(1) == SmallCart.outer_static(1) == 1
    assert cart.inner_static(2) == SmallCart.inner_static(2) == 2
    assert cart.outer_class() is SmallCart.outer_class() is SmallCart
    assert cart.inner_class() is SmallCart.inner_class() is SmallCart
    assert spans.names == [
        "Cart.add",
        *["Cart.outer_static"] * 2,
        *["Cart.inner_static"] * 2,
        *["Cart.outer_class"] * 2,
        *["Cart.inner_class"] * 2,
    ]


class Stock:
    def inherited(self) -> None: ...


@Trace(attributes={"acmeshop.kind": "shop"})
class Shop(Stock):
    """Some of everything."""

    limit = 3

    def __init__(self) -> None:
        self.opened = True

    def sell(self) -> None: ...

    async def deliver(self) -> str:
        return current()

    def items(self) -> Iterator[int]:
        yield 1

    @staticmethod
    def tax() -> int:
        return 19

    @classmethod
    def build(cls) -> "Shop":
        return cls()

    @Trace(disable_tracing=True)
    def hush(self) -> str:
        return current()

    @Trace(name="its own name")
    def named(self) -> None: ...

    @property
    def size(self) -> int:
        return 1

    @cached_property
    def weight(self) -> int:
        return 2

    def _count(self) -> None: ...

    class Door:
        def open(self) -> None: ...


async def test_a_decorated_class_has_all_its_own_public_methods_traced(spans: Spans) -> None:
    shop = Shop.build()
    shop.sell()
    assert await shop.deliver() == "Shop.deliver"
    assert list(shop.items()) == [1]
    assert shop.tax() == Shop.tax() == 19
    assert spans.names == [
        "Shop.build",
        "Shop.sell",
        "Shop.deliver",
        "Shop.items",
        "Shop.tax",
        "Shop.tax",
    ]
    assert all(span.attributes == {"acmeshop.kind": "shop"} for span in spans.all)


def test_a_decorated_class_leaves_the_rest_alone(spans: Spans) -> None:
    shop = Shop()
    shop._count()
    shop.inherited()
    Shop.Door().open()
    assert (shop.size, shop.weight, shop.limit, shop.opened) == (1, 2, 3, True)
    assert spans.all == []


def test_a_method_of_a_decorated_class_keeps_its_own_say(spans: Spans) -> None:
    assert Shop().hush() == "none"
    Shop().named()
    assert spans.names == ["its own name"]
    assert not spans.one.attributes


def test_a_decorated_class_is_still_the_class() -> None:
    assert_type(Shop(), Shop)
    assert inspect.isclass(Shop)
    assert Shop.__name__ == "Shop"


def test_the_name_given_to_a_class_stands_for_the_classs(spans: Spans) -> None:
    @Trace(name="Till")
    class Register:
        def ring(self) -> None: ...

    Register().ring()
    assert spans.names == ["Till.ring"]


def test_a_class_with_tracing_disabled_has_no_spans(spans: Spans) -> None:
    @Trace(disable_tracing=True)
    class Quiet:
        def work(self) -> str:
            return current()

    assert Quiet().work() == "none"
    assert spans.all == []


def test_an_abstract_method_stays_abstract() -> None:
    @Trace
    class Carrier(ABC):
        @abstractmethod
        def ship(self) -> None: ...

    with pytest.raises(TypeError, match="abstract"):
        Carrier()  # type: ignore[abstract]


def test_a_function_with_tracing_disabled_is_left_as_it_is(spans: Spans) -> None:
    def work() -> str:
        return current()

    quiet = Trace(disable_tracing=True)(work)
    assert quiet is work
    with spans.tracer.start_as_current_span("caller"):
        assert quiet() == "caller"
        add(1)
    assert spans.names == ["caller", "add"]


def test_a_cached_function_can_be_decorated(spans: Spans) -> None:
    @Trace
    @lru_cache
    def square(number: int) -> int:
        return number * number

    assert square(3) == square(3) == 9
    assert spans.names == ["square", "square"]


@pytest.mark.parametrize("thing", [property(lambda self: self), 7, "name", object()])
def test_what_cannot_be_called_cannot_be_decorated(thing: Any) -> None:
    with pytest.raises(TypeError, match="Trace goes on functions, methods and classes, not on"):
        Trace(thing)


def test_one_function_serves_several_services_and_each_gets_its_own_spans() -> None:
    orders, shipping = Spans(), Spans()
    for service in (orders, shipping, shipping):
        token = otel.attach(with_telemetry(service.telemetry))
        add(1)
        otel.detach(token)
    assert (orders.names, shipping.names) == (["add"], ["add", "add"])


def test_without_a_service_the_tracer_can_be_given_by_hand() -> None:
    spans = Spans()

    @Trace(tracer=spans.tracer)
    def nightly() -> None: ...

    nightly()
    assert spans.names == ["nightly"]


def test_without_any_tracer_nothing_is_recorded_and_nothing_breaks() -> None:
    assert add(1) == 2
    assert current() == "none"


def test_nothing_is_inspected_when_it_is_called(
    spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> Any:
        raise AssertionError("inspected at a call")

    for name in ("signature", "iscoroutinefunction", "isgeneratorfunction", "isasyncgenfunction"):
        monkeypatch.setattr(inspect, name, forbidden)
    assert add(1) == 2
    assert Shop.tax() == 19
