"""The same journeys for Locust, which draws charts of its own; install it with
`pip install '.[load]'`.

    locust -f acme/traffic/locustfile.py --host http://127.0.0.1:8080 --journey buy
"""

import logging
from itertools import count
from typing import Any
from urllib.parse import urljoin

from locust import HttpUser, constant_throughput, events, task

from acme.traffic.journeys import JOURNEYS, Visits
from acme.traffic.outcomes import good, trace_of
from acme.traffic.page import Click, Page
from acme.traffic.people import Person

logger = logging.getLogger(__name__)
PATIENCE = 10.0
numbers = count()


@events.init_command_line_parser.add_listener
def add_options(parser: Any, **_: object) -> None:
    parser.add_argument("--journey", choices=list(JOURNEYS), default="mixed", help="what they do")
    parser.add_argument("--seed", type=int, default=1, help="of all that is left to chance")


class Visitor(HttpUser):
    """A person who clicks once a second."""

    wait_time = constant_throughput(1)

    def on_start(self) -> None:
        options = self.environment.parsed_options
        person = Person(options.seed, next(numbers))
        self._clicks = Visits().of(person, JOURNEYS[options.journey])
        self._click = next(self._clicks)

    @task
    def click(self) -> None:
        """Clicks once, and goes where the answers lead."""
        self._click = self._clicks.send(self._open(self._click))
        while self._click.led:
            self._click = self._clicks.send(self._open(self._click))

    def _open(self, click: Click) -> Page:
        """The page that the click leads to; one with status 0 when there is no answer."""
        with self.client.request(
            click.method,
            click.address,
            data=dict(click.fields) or None,
            name=click.route,
            allow_redirects=False,
            catch_response=True,
            timeout=PATIENCE,
        ) as answer:
            status: int = answer.status_code
            if not good(status):
                what = f"answered {status}" if status else "no answer"
                answer.failure(what)
                trace = trace_of(answer.headers.get("traceresponse", ""))
                logger.warning("%s: %s, %s", click.name, what, trace or "no trace")
            url = urljoin(self.host, click.address)
            return Page.read(url, status, answer.text or "", answer.headers.get("location", ""))
