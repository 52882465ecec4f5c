"""A storefront that is no more than its pages, and fails where a test says so."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Never
from urllib.parse import parse_qsl

from acme.traffic.journeys import Steps, visit
from acme.traffic.page import Click, Page

BASE = "http://127.0.0.1:8080"
TRACE = "0af7651916cd43dd8448eb211c80319c"
TOP = """<a href="/products">Products</a> <a href="/journal">Journal</a>
<form action="/products"><input name="q"></form>"""
HIDDEN = '<input type="hidden" name="form_token" value="t0k3n">'
PAGES = {
    "/": '<a href="/login">Log in</a>',
    "/products": """<a href="/products?tag=red">red</a> <a href="/products?tag=blue">blue</a>
    <a href="/products/red-kettle">a kettle</a> <a href="/products/rucksack">a rucksack</a>""",
    "/products/{id}": f"""<form action="/cart/items" method="post">{HIDDEN}
    <input name="quantity" value="1"></form>""",
    "/journal": '<a href="/journal/1">one</a> <a href="/journal/2">two</a>',
    "/journal/{id}": "",
    "/login": f"""<a href="/register?next=/">I have no account yet</a>
    <form action="/login/demo" method="post">{HIDDEN}<input name="username" value="eric"></form>
    <form action="/login/demo" method="post">{HIDDEN}<input name="username" value="han"></form>
    <form action="/login" method="post">{HIDDEN}<input name="username"><input name="password">
    </form>""",
    "/register": f"""<a href="/login?next=/">I have an account</a>
    <form action="/register" method="post">{HIDDEN}<input name="username"><input name="password">
    <input name="firstname"></form>""",
    "/cart": f"""<a href="/checkout">Check out</a>
    <form action="/cart/items/red-kettle" method="post">{HIDDEN}<input name="quantity" value="1">
    </form>""",
    "/checkout": f"""<form action="/checkout" method="post">{HIDDEN}
    <input type="hidden" name="key" value="the-key"><input name="number"><input name="street">
    </form>""",
    "/orders/{id}": '<b>On its way</b> <a href="/orders/7">Refresh</a>',
}
LEADS = {
    "POST /login/demo": "/",
    "POST /login": "/",
    "POST /register": "/",
    "POST /cart/items": "/cart",
    "POST /cart/items/{id}": "/cart",
    "POST /checkout": "/orders/7?placed=1",
}


class LittleShop:
    """`ills` are the statuses with which it answers a click of a name first, before it is well."""

    def __init__(self, ills: dict[str, list[int]] | None = None) -> None:
        self.clicks: list[Click] = []
        self.pages, self.leads = dict(PAGES), dict(LEADS)
        self._ills = ills or {}

    @property
    def names(self) -> list[str]:
        return [click.name for click in self.clicks]

    def named(self, name: str) -> list[Click]:
        return [click for click in self.clicks if click.name == name]

    def open(self, click: Click) -> Page:
        status, html, location = self.answer(click)
        return Page.read(BASE + click.address, status, html, location)

    def answer(self, click: Click) -> tuple[int, str, str]:
        """Status, page, and where it leads."""
        self.clicks.append(click)
        page = TOP + self.pages.get(click.route, "")
        if ills := self._ills.get(click.name):
            return ills.pop(0), page, ""
        if click.name in self.leads:
            return 303, "", self.leads[click.name]
        return 200, page, ""

    def make(self, steps: Steps) -> Page:
        """Makes one visit, to its last page."""
        clicks = visit(steps)
        click = next(clicks)
        while True:
            try:
                click = clicks.send(self.open(click))
            except StopIteration as end:
                last: Page = end.value
                return last

    def let_in(self, clicks: Generator[Click, Page, Never], count: int) -> None:
        """Makes so many clicks."""
        click = next(clicks)
        for _ in range(count):
            click = clicks.send(self.open(click))


class Handler(BaseHTTPRequestHandler):
    """The same over HTTP, with a cookie and a trace."""

    server: "Served"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        fields = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        if self.path == "/readyz":
            status, html, location = 200, "ready", ""
        else:
            status, html, location = self.server.shop.answer(Click(self.command, self.path, fields))
            self.server.cookies.append(self.headers.get("cookie", ""))
        content = html.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.send_header("set-cookie", "me=you; Path=/")
        self.send_header("traceresponse", f"00-{TRACE}-b7ad6b7169203331-01")
        if location:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 - as http.server asks for it

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Served(ThreadingHTTPServer):
    """The little shop on a port of its own."""

    def __init__(self, shop: LittleShop) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.shop, self.cookies = shop, list[str]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def served(shop: LittleShop) -> Iterator[Served]:
    """Serves from a thread until the end of the block."""
    with Served(shop) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
