"""The pages that explain and compare, as they come without JavaScript."""

import re
from pathlib import Path

import httpx
import pytest

from lens.app import Options, create_app, open_store
from lens.domain.hints import BadHints, Hints
from lens.views.explained import where
from tests.lens.paged import Keep, plain
from tests.lens.pages_traces import Recorder, articles, order_status
from tests.traces.made import Made
from traces.model import Event, Kind


async def test_the_explanation_links_each_sentence_to_its_spans(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = order_status(1, auth_fails=True)
    await keep(trace)
    page = (await pages.get(f"/trace/{trace.trace_id}")).text
    panel = page.partition('class="card explain"')[2].partition("</section>")[0]

    assert "It began in auth: GET /auth answered 500" in plain(panel)
    assert "Why it matters" in panel
    linked = re.findall(r'href="/trace/\w+\?span=(\w+)#s-\w+" data-jump="(\d+)"', panel)
    assert linked
    assert all(f'id="s-{span}" data-row="{row}"' in page for span, row in linked)


async def test_two_traces_stand_side_by_side_on_one_page(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    well, failed = order_status(1), order_status(2, auth_fails=True)
    await keep(well, failed)
    page = await pages.get(f"/trace/{well.trace_id}...{failed.trace_id}")

    assert page.status_code == 200
    words = plain(page.text)
    assert "auth: GET /auth failed." in words
    assert 'class="tag failing"' in page.text
    assert 'class="tag missing"' in page.text
    assert f'href="/trace/{failed.trace_id}...{well.trace_id}"' in page.text


async def test_the_box_with_two_ids_leads_to_their_page(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    one, other = order_status(1), order_status(2)
    await keep(one, other)
    answer = await pages.get("/compare", params={"left": one.trace_id, "right": other.trace_id})
    assert answer.headers["location"] == f"/trace/{one.trace_id}...{other.trace_id}"
    wrong = await pages.get("/compare", params={"left": "what", "right": other.trace_id})
    assert wrong.status_code == 400


@pytest.mark.parametrize("path", [f"{7:032x}...{8:032x}", f"{7:032x}/usual"])
async def test_a_trace_that_is_not_kept_is_not_compared(
    pages: httpx.AsyncClient, keep: Keep, path: str
) -> None:
    assert (await pages.get(f"/trace/{path}")).status_code == 404


def slow(number: int, took: float, start_ns: int) -> Recorder:
    """A request whose query takes so many milliseconds."""
    recorder = Recorder(number, start_ns)
    root = recorder.span("catalog", "GET /products", Kind.SERVER, 0, took + 10)
    recorder.span("catalog", "SELECT products", Kind.CLIENT, 5, took, root)
    return recorder


async def test_a_trace_is_seen_against_the_last_of_its_kind_before_it(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    second = 1_000_000_000
    now = Recorder(0).start_ns
    before = [slow(number, 5 + number, now - (20 - number) * second) for number in range(1, 8)]
    late, after = slow(8, 500, now), slow(9, 900, now + second)
    await keep(*before, late, after, articles(10))

    page = (await pages.get(f"/trace/{late.trace_id}/usual")).text
    assert "usually 19 ms (the middle of 7 traces before it)" in plain(page)
    assert plain(page).count("slower") == 3  # two rows, and the sentence
    assert f"/trace/{after.trace_id}...{late.trace_id}" in page
    explained = plain((await pages.get(f"/trace/{late.trace_id}")).text)
    assert "catalog: SELECT products spent 500 ms by itself, usually 9 ms" in explained


async def test_of_the_first_of_its_kind_nothing_is_usual(
    pages: httpx.AsyncClient, keep: Keep
) -> None:
    trace = order_status(1)
    await keep(trace)
    page = plain((await pages.get(f"/trace/{trace.trace_id}/usual")).text)

    assert "Only 0 traces of this kind came before this one" in page
    assert "No other trace of this kind is kept." in page


HINTS = """{"code": [{"service": "auth", "kind": "server", "file": "services/auth/routes.py"}],
            "try": {"error": "turn the fault off"}}"""


async def test_the_explanation_says_where_in_the_code_and_what_to_try(tmp_path: Path) -> None:
    options = Options(data=tmp_path, hints=Hints.read(HINTS))
    store = open_store(options)
    trace = order_status(1, auth_fails=True)
    store.offer(trace.spans)
    await store.flushed()
    transport = httpx.ASGITransport(create_app(store, options))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        page = plain((await client.get(f"/trace/{trace.trace_id}")).text)
    store.close()

    assert "Try it: turn the fault off" in page
    # The stack of the exception knows better than the hints.
    assert "In the code: /app/services/auth/routes.py:21 in check_token" in page


def test_where_a_span_was_made_is_said_by_itself_or_by_the_hints() -> None:
    made, hints = Made(), Hints.read(HINTS)
    made.span("auth", "GET /auth", code__file__path="auth.py", code__line__number=7)
    made.span("auth", "GET /auth", code__function__name="auth.check")
    made.span("auth", "GET /auth")
    made.span("cart", "GET /cart")
    stack = 'File "/usr/lib/python3/site-packages/x.py", line 1, in y'
    library = Event(0, "exception", {"exception.stacktrace": stack})
    made.span("cart", "GET /cart", events=(library,))

    assert [where(span, hints) for span in made.spans] == [
        "auth.py:7",
        "auth.check",
        "services/auth/routes.py",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("no json", "it is no JSON: "),
        ("[]", "it is no object with the keys code and try"),
        ('{"code": [{"service": "x"}]}', "is no row of code"),
        ('{"code": [{"file": "x", "line": "1"}]}', "is no row of code"),
        ('{"try": {"n_plus_1": "x"}}', "there is no finding n_plus_1"),
    ],
)
def test_hints_that_cannot_be_read_say_why(content: str, says: str) -> None:
    with pytest.raises(BadHints, match=says):
        Hints.read(content)
