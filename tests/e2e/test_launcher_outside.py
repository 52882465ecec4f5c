"""`acme up --without`: a program of the user's in a service's place."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from tests.e2e.launched import Launched, get, until

JOURNAL = "/articles/v1/?with_suggested=1"


class OneForAll(BaseHTTPRequestHandler):
    """Suggests the second article, whatever is read."""

    def do_GET(self) -> None:
        content = b'["2"]'
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_a_program_stands_in_for_a_service_that_is_not_started(shop: Launched) -> None:
    shop.up("articles", "suggestions", "--without", "suggestions")
    found = shop.services()
    articles, url = found["articles"]["url"], found["suggestions"]["url"]

    assert (found["suggestions"]["outside"], found["suggestions"]["healthy"]) == (True, False)
    until(lambda: f"nothing answers at {url} yet" in shop.log())
    assert get(articles + JOURNAL)[0] == 503

    with HTTPServer(("127.0.0.1", found["suggestions"]["ports"][0]), OneForAll) as program:
        thread = Thread(target=program.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        until(lambda: f"suggestions answers at {url}" in shop.log())
        status, journal = get(articles + JOURNAL)
        assert shop.services()["suggestions"]["healthy"]
        program.shutdown()
        thread.join()

    assert status == 200
    suggested = [article["suggested"] for article in json.loads(journal)["articles"]]
    assert all([one["id"] for one in some] == ["2"] for some in suggested)
    assert "suggestions is outside the shop" in shop.acme("kill", "suggestions").stderr
