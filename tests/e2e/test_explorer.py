"""The explorer in a real browser, over a real server and a real store."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from lens.routes import api, pages
from lens.routes.jaeger import v1
from lens.store import TraceStore
from tests.e2e.browser import needs_browser
from tests.e2e.launched import PATIENCE
from tests.lens.pages_traces import SERVER, Recorder, articles, large, order_status

pytestmark = needs_browser


class Explorer:
    """lens on a free port, with a store of its own."""

    def __init__(self, store: TraceStore, address: str) -> None:
        self.store, self.address = store, address

    def keep(self, trace: Recorder) -> str:
        """Hands a trace in and gives the address of its page; it is readable a moment later."""
        assert self.store.offer(trace.spans)
        assert not trace.logs or self.store.offer_logs(trace.logs)
        return f"{self.address}/trace/{trace.trace_id}"


@pytest.fixture
def explorer(tmp_path: Path) -> Iterator[Explorer]:
    store = TraceStore(tmp_path / "lens.sqlite", max_traces=100, max_mb=50)
    app = FastAPI()
    for router in (v1.routes(store), api.routes(store), pages.routes(store)):
        app.include_router(router)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until(lambda: server.started)
        yield Explorer(store, f"http://127.0.0.1:{listening.getsockname()[1]}")
        store.close()
        server.should_exit = True
        thread.join(10)


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not true after {seconds} s"
        threading.Event().wait(0.01)


def arrived(page: Page, address: str) -> None:
    """Opens a page as soon as its trace can be read."""
    until(lambda: page.request.get(address).ok)
    page.goto(address)


def test_from_the_search_to_the_span_where_the_error_began(explorer: Explorer, page: Page) -> None:
    explorer.keep(order_status(1))
    failed = order_status(2, auth_fails=True)
    until(lambda: page.request.get(explorer.keep(failed)).ok)
    page.goto(explorer.address)
    page.get_by_label("Errors only").check()
    page.get_by_role("button", name="Find traces").click()
    expect(page).to_have_url(re.compile("q=trace.errors%3E0"))
    expect(page.locator(".traces tbody tr")).to_have_count(1)
    page.locator(".traces .go").click()
    expect(page.locator(".explain")).to_contain_text("in auth: GET /auth answered 500")
    expect(page.locator(".details")).to_have_count(1)
    expect(page.locator(".stack")).to_contain_text("ShopError")
    expect(page.locator(".row.cause .pick")).to_contain_text("auth GET /auth")


def test_a_mark_of_the_plot_leads_to_its_trace(explorer: Explorer, page: Page) -> None:
    trace = order_status(2, carrier_fails=True)
    until(lambda: page.request.get(explorer.keep(trace)).ok)
    page.goto(explorer.address)
    page.locator(".scatter .mark.failed").click()
    expect(page).to_have_url(re.compile(trace.trace_id))


def test_the_live_list_shows_a_trace_within_a_second(explorer: Explorer, page: Page) -> None:
    page.goto(explorer.address)
    expect(page.locator("#live-says")).to_have_text("Live")
    expect(page.get_by_text("No traces yet")).to_be_visible()
    took: list[float] = []
    for number in (1, 2, 3):
        trace = order_status(number)
        before = time.monotonic()
        explorer.keep(trace)
        page.locator(f"#t-{trace.trace_id}").wait_for(timeout=10_000)
        took.append(time.monotonic() - before)
    assert min(took) < 1, took


def test_a_paused_list_stays_and_counts_what_is_new(explorer: Explorer, page: Page) -> None:
    until(lambda: page.request.get(explorer.keep(order_status(1))).ok)
    page.goto(explorer.address)
    expect(page.locator("#live-says")).to_have_text("Live")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#live-says")).to_have_text("Paused")
    for number in (2, 3, 4):
        explorer.keep(order_status(number))
    expect(page.locator("#new-traces")).to_have_text("3 new traces")
    expect(page.locator(".traces tbody tr")).to_have_count(1)
    page.locator("#new-traces").click()
    expect(page.locator(".traces tbody tr")).to_have_count(4)
    expect(page.locator("#new-traces")).to_be_hidden()


def test_rows_do_not_move_under_the_pointer(explorer: Explorer, page: Page) -> None:
    until(lambda: page.request.get(explorer.keep(order_status(1))).ok)
    page.goto(explorer.address)
    expect(page.locator("#live-says")).to_have_text("Live")
    page.locator(".traces .go").hover()
    explorer.keep(order_status(2))
    expect(page.locator("#new-traces")).to_have_text("1 new trace")
    expect(page.locator(".traces tbody tr")).to_have_count(1)
    page.locator("h1").hover()
    expect(page.locator(".traces tbody tr")).to_have_count(2)


def test_a_trace_is_read_with_the_keyboard_alone(explorer: Explorer, page: Page) -> None:
    arrived(page, explorer.keep(order_status(2)))
    rows = page.locator(".row")
    expect(page.locator(".details")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("f")
    expect(rows.nth(1)).to_have_class(re.compile("current"))
    page.keyboard.press("Enter")
    expect(page.locator(".details")).to_contain_text("http.request.method")
    expect(page).to_have_url(re.compile("span="))
    page.keyboard.press("Enter")
    expect(page.locator(".details")).to_have_count(0)
    page.keyboard.press("k")
    expect(rows.nth(0)).to_have_class(re.compile("current"))
    page.keyboard.press("]")
    expect(page.locator(".row:visible")).to_have_count(1)
    page.keyboard.press("o")
    expect(page.locator(".row:visible")).to_have_count(3)
    page.keyboard.press("[")
    expect(page.locator(".row:visible")).to_have_count(9)
    page.keyboard.press("p")
    expect(page.locator(".row:visible")).to_have_count(8)
    page.keyboard.press("/")
    page.keyboard.type("sqlite")
    expect(page.locator("#found-count")).to_have_text("1 span")
    expect(page.locator(".row.hit")).to_have_count(1)
    expect(page).to_have_url(re.compile("uiFind=sqlite"))
    page.keyboard.press("Escape")
    expect(page.locator(".row.hit")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_hidden()


def test_e_goes_from_error_to_error(explorer: Explorer, page: Page) -> None:
    arrived(page, explorer.keep(large(1, 300)))
    first = page.locator(".row.current").get_attribute("id")
    page.keyboard.press("e")
    expect(page.locator(".row.current.failed")).to_have_count(1)
    assert page.locator(".row.current").get_attribute("id") != first
    expect(page.locator(".row.current")).to_be_in_viewport()


def test_a_trace_completes_itself_and_keeps_what_is_open(explorer: Explorer, page: Page) -> None:
    whole, part = order_status(1), order_status(1)
    part.start_ns, part.spans = whole.start_ns, whole.spans[2:]
    arrived(page, explorer.keep(part))
    expect(page.get_by_text("that has not arrived yet: ")).to_be_visible()
    page.locator(".row").nth(1).click()
    expect(page.locator(".details")).to_contain_text("Attributes")
    explorer.store.offer(whole.spans[:2])
    expect(page.locator(".row")).to_have_count(9)
    expect(page.get_by_text("that has not arrived yet: ")).to_be_hidden()
    expect(page.locator(".details")).to_contain_text("Attributes")


def test_dragging_over_the_overview_zooms_and_escape_goes_back(
    explorer: Explorer, page: Page
) -> None:
    arrived(page, explorer.keep(order_status(2)))
    last = page.locator("#ruler span").last
    whole = last.inner_text()
    box = page.locator("#minimap").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20)
    page.mouse.up()
    expect(last).not_to_have_text(whole)
    page.keyboard.press("Escape")
    expect(last).to_have_text(whole)


def test_colours_are_chosen_once_for_all_pages(explorer: Explorer, page: Page) -> None:
    page.goto(explorer.address)
    page.locator("#theme").click()
    page.locator("#theme").click()
    page.goto(f"{explorer.address}/about")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(16, 21, 29)")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_page_is_wider_than_its_window(explorer: Explorer, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    explorer.keep(articles(5))
    arrived(page, explorer.keep(order_status(2, auth_fails=True)))
    for address in (
        page.url,
        *(f"{page.url}?view={view}" for view in ("flame", "graph", "table")),
        explorer.address,
        f"{explorer.address}/map",
        f"{explorer.address}/errors",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_list_spans_and_details_are_there_without_javascript(
    explorer: Explorer, chromium: Browser
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    trace = order_status(3, carrier_fails=True)
    arrived(page, explorer.keep(trace))
    assert page.locator(".row").count() == 9
    assert "shipping's carrier answered 503" in page.locator(".verdict").inner_text()
    page.locator(".row .pick").first.click()
    assert "acmeshop.order.id" in page.locator(".details").inner_text()
    page.get_by_role("link", name="Table").click()
    assert page.locator(".stats tbody tr").count() == 9
    page.goto(explorer.address)
    assert page.locator(".traces tbody tr").count() == 1
    page.locator("#minDuration").fill("soon")
    page.get_by_role("button", name="Find traces").click()
    assert "“soon” is not a duration" in page.locator(".wrong").inner_text()
    page.goto(f"{explorer.address}/dependencies")
    assert page.locator(".map .box").count() == 6
    context.close()


ROW_IN_WINDOW = """[...document.querySelectorAll(".row")].some((row) => {
    const { top } = row.getBoundingClientRect();
    return top > 0 && top < innerHeight;
})"""


def rows_there(page: Page) -> list[int]:
    script = "[...document.querySelectorAll('.row')].map((row) => Number(row.dataset.row))"
    numbers: list[int] = page.evaluate(script)
    return numbers


def test_a_long_trace_brings_its_rows_as_one_gets_to_them(explorer: Explorer, page: Page) -> None:
    trace = large(1, 4_000)
    arrived(page, explorer.keep(trace))
    rows = page.locator(".row")
    assert page.evaluate("document.querySelectorAll('.row').length") < 1_000
    height = page.evaluate("document.getElementById('rows').offsetHeight")
    assert 4_000 * 36 <= height < 4_200 * 36 + 2_000  # and the details that are open
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.locator('.row[data-row="3999"]')).to_be_in_viewport()
    assert 1_500 not in rows_there(page)
    page.get_by_role("textbox", name="Find in this trace").fill("/step/2222")
    expect(page.locator("#found-count")).to_have_text("1 span")
    page.keyboard.press("Enter")
    expect(page.locator(".row.hit.current")).to_be_in_viewport()
    expect(page.locator(".row.hit.current")).to_have_id(f"s-{trace.spans[2_222].span_id}")
    page.get_by_role("button", name="Collapse", exact=True).click()
    expect(rows.locator("visible=true")).to_have_count(1)
    page.get_by_role("button", name="Expand", exact=True).click()
    expect(page.locator(".row.current")).to_have_count(1)
    page.goto(f"{page.url.partition('?')[0]}?span={trace.spans[3_210].span_id}")
    expect(page.locator(".row.current")).to_have_id(f"s-{trace.spans[3_210].span_id}")
    expect(page.locator(".details")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator(".details")).to_have_count(0)
    page.keyboard.press("j")
    expect(page.locator(".row.current")).to_have_attribute("data-row", "3211")


def test_a_long_way_through_a_trace_does_not_fill_the_document(
    explorer: Explorer, page: Page
) -> None:
    arrived(page, explorer.keep(large(1, 4_000)))
    for number in range(300, 4_000, 300):
        page.evaluate(f"scrollTo(0, document.body.scrollHeight * {number} / 4000)")
        until(lambda: page.evaluate(ROW_IN_WINDOW))
    assert len(rows_there(page)) < 3_500


def test_a_long_trace_that_grows_takes_its_rows_anew(explorer: Explorer, page: Page) -> None:
    trace = large(1, 2_000)
    late = trace.spans.pop()
    arrived(page, explorer.keep(trace))
    explorer.store.offer([late])
    expect(page.locator("#rows")).to_have_attribute("aria-rowcount", "2001")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.locator('.row[data-row="1999"]')).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 1280])
def test_opened_details_are_in_the_window(explorer: Explorer, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    arrived(page, explorer.keep(order_status(3)))
    for number in (8, 4):
        row = page.locator(f'.row[data-row="{number}"]')
        row.locator(".pick").click()
        expect(row).to_be_in_viewport()
        expect(page.locator(".details h3").first).to_be_in_viewport(ratio=1)
        row.locator(".pick").click()


def test_a_shortened_span_is_shown_whole_on_demand(explorer: Explorer, page: Page) -> None:
    trace = Recorder(1)
    trace.span("shop", "work", SERVER, 0, 5, None, {"body": "y" * 5_000})
    arrived(page, explorer.keep(trace))
    page.locator(".row").click()
    expect(page.locator(".details")).to_contain_text("the beginning of 5,000 characters")
    page.get_by_role("link", name="Show all of this span").click()
    expect(page.locator(".details")).to_contain_text("y" * 5_000)
    expect(page.locator(".details")).to_have_count(1)


def test_terms_are_suggested_while_they_are_typed(explorer: Explorer, page: Page) -> None:
    until(lambda: page.request.get(explorer.keep(order_status(1))).ok)
    page.goto(explorer.address)
    field = page.get_by_role("combobox", name="Query")
    options = page.get_by_role("listbox", name="Suggestions", include_hidden=True)
    field.press_sequentially("order.i")
    expect(options.get_by_role("option")).to_have_text(["acmeshop.order.id"])
    page.keyboard.press("ArrowDown")
    expect(options.get_by_role("option", selected=True)).to_have_text("acmeshop.order.id")
    page.keyboard.press("Enter")
    expect(field).to_have_value("acmeshop.order.id=")
    options.get_by_role("option", name="12346").click()
    expect(field).to_have_value("acmeshop.order.id=12346 ")
    field.press_sequentially("http.ro")
    expect(options.get_by_role("option", name="http.route")).to_be_visible()
    page.keyboard.press("Escape")
    expect(options).to_be_hidden()
    field.fill("acmeshop.order.id=12346")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=acmeshop.order.id"))
    expect(page.locator(".traces tbody tr")).to_have_count(1)


def test_an_exported_trace_opens_from_a_file_and_asks_for_nothing(
    explorer: Explorer, page: Page, tmp_path: Path
) -> None:
    arrived(page, explorer.keep(order_status(2, auth_fails=True)))
    page.locator(".menu summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="HTML, opens without lens").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    wanted: list[str] = []
    page.on("request", lambda request: wanted.append(request.url))
    page.goto(file.as_uri())
    expect(page.locator(".verdict")).to_contain_text("auth answered 500")
    expect(page.locator(".stack")).to_contain_text("ShopError")
    page.locator("summary.row").first.click()
    expect(page.locator("details[open] .details").first).to_contain_text("acmeshop.order.id")
    assert wanted == [file.as_uri()]


def test_a_bar_of_the_histogram_narrows_the_search(explorer: Explorer, page: Page) -> None:
    explorer.keep(articles(1))
    failed = order_status(2, auth_fails=True)
    until(lambda: page.request.get(explorer.keep(failed)).ok)
    page.goto(explorer.address)
    expect(page.locator(".traces tbody tr")).to_have_count(2)
    page.locator(".bars a").first.click()
    expect(page.locator(".traces tbody tr")).to_have_count(1)
    expect(page.get_by_role("combobox", name="Query")).to_have_value(
        re.compile("^trace.duration>=[0-9.]+ms trace.duration<[0-9.]+ms$")
    )
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Query")).to_be_focused()


def test_views_have_keys(explorer: Explorer, page: Page) -> None:
    arrived(page, explorer.keep(order_status(2)))
    last = page.locator("#ruler span").last
    whole = last.inner_text()
    page.keyboard.press("+")
    expect(last).not_to_have_text(whole)
    page.keyboard.press("2")
    expect(page.locator(".flamegraph")).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator(".graph")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator("#rows")).to_be_visible()


def test_a_custom_look_back_is_typed(explorer: Explorer, page: Page) -> None:
    until(lambda: page.request.get(explorer.keep(order_status(1))).ok)
    page.goto(explorer.address)
    page.get_by_label("Look back").select_option("Custom")
    page.get_by_label("The last").fill("3h")
    page.get_by_role("button", name="Find traces").click()
    expect(page).to_have_url(re.compile("lookback=custom&last=3h&limit=50"))
    expect(page.locator(".traces tbody tr")).to_have_count(1)


OVERLAPS = """(selector) => {
    const labels = [...document.querySelectorAll(selector)];
    const seen = labels.map((one) => one.getBoundingClientRect()).filter((box) => box.width > 0);
    const beside = (a, b) => a.right <= b.left || b.right <= a.left;
    const apart = (a, b) => beside(a, b) || a.bottom <= b.top || b.bottom <= a.top;
    return seen.length === 0
        || seen.some((box) => box.left < 0 || box.right > innerWidth)
        || seen.some((one, at) => seen.slice(at + 1).some((other) => !apart(one, other)));
}"""


def test_labels_of_axes_never_overlap(explorer: Explorer, page: Page) -> None:
    now = time.time_ns()
    second = 10**9
    wide = [390, 560, 768, 1101, 1280, 1920]
    spread = [1, 40, 3_000, 50_000, 3 * 86_400, 40 * 86_400, 900 * 86_400]
    for number, seconds in enumerate(spread, start=1):
        trace = Recorder(number, now - seconds * second)
        trace.span("shop", "work", SERVER, 0, max(1, seconds * 990))
        address = explorer.keep(trace)
        until(lambda address=address: page.request.get(address).ok)  # type: ignore[misc]
        page.goto(f"{explorer.address}/search?lookback=any")
        for width in wide:
            page.set_viewport_size({"width": width, "height": 800})
            assert not page.evaluate(OVERLAPS, ".scatter text"), (seconds, width)
        page.goto(address)
        for width in wide:
            page.set_viewport_size({"width": width, "height": 800})
            assert not page.evaluate(OVERLAPS, "#ruler span"), (seconds, width)
