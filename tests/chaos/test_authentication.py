"""Who comes in, and what they may do there."""

import httpx
import pytest

from chaos.control_plane.domain.roles import MOST_OF_A_STUDENT, role_of
from tests.chaos.opened import API, DOWN, Opened, Opener, entry, own, report

PRESENTER, STUDENT = {"authorization": "Bearer top"}, {"authorization": "Bearer class"}
TOKENS = {"CHAOS_TOKEN": "top", "CHAOS_STUDENT_TOKEN": "class", "CHAOS_DEFAULT_ROLE": "none"}
MINE = {"cookie": "shop_session=s-1234.7"}
AIMED = DOWN | {"where": {"service": "payment", "match": {"session": "s-1234"}}}
FAULTS = f"{API}/faults"


@pytest.fixture
async def closed(open_plane: Opener) -> Opened:
    """A control plane that knows a presenter and students by their tokens."""
    return await open_plane(**TOKENS)


def test_a_token_is_of_one_role_or_of_nobody() -> None:
    assert role_of("a", "a", "b", "none") == "presenter"
    assert role_of("b", "a", "b", "none") == "student"
    assert role_of("c", "a", "b", "presenter") is None
    assert role_of("é", "a", "b", "none") is None
    assert role_of(None, "a", "b", "student") == "student"
    assert role_of("", "", "", "none") == "none"
    assert role_of("x", "", "", "none") is None


async def test_who_shows_no_token_comes_nowhere(closed: Opened) -> None:
    closed.control.put(entry("one"))
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "top"}):
        for method, path in (
            ("GET", "/faults"),
            ("GET", "/snapshot"),
            ("GET", "/hits"),
            ("GET", "/events"),
            ("POST", "/reset"),
            ("DELETE", "/faults/one"),
            ("POST", "/reports"),
        ):
            answer = await closed.request(method, f"{API}{path}", headers=headers)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
    assert (await closed.read_json("/me"))["role"] == "none"
    assert closed.control.entry("one") is not None


async def test_a_student_breaks_things_for_themselves_only(closed: Opened) -> None:
    student = STUDENT | MINE
    mine = await closed.put(f"{FAULTS}/mine", json=AIMED, headers=student)
    assert (mine.status_code, mine.json()["owner"]) == (201, "student s-1234")
    for id_, content in (
        ("all", DOWN),
        ("theirs", AIMED | {"where": {"match": {"session": "s-9999"}}}),
        ("hidden", AIMED | {"hidden": True}),
    ):
        refused = await closed.put(f"{FAULTS}/{id_}", json=content, headers=student)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden"), id_
    for scope in ("session", "plan"):
        refused = await closed.put(f"{FAULTS}/x?scope={scope}", json=DOWN, headers=student)
        assert refused.status_code == 422
    assert [one.id for one in closed.control.entries()] == ["mine"]


async def test_a_student_changes_nothing_of_others(closed: Opened) -> None:
    student = STUDENT | MINE
    await closed.put(f"{FAULTS}/all", json=DOWN, headers=PRESENTER)
    for method, path, body in (
        ("PUT", "/faults/all", AIMED),
        ("PATCH", "/faults/all", {"rate": 0}),
        ("DELETE", "/faults/all", None),
        ("POST", "/faults/all/extend", {"ttl": "1h"}),
        ("POST", "/reset", {"scope": "all"}),
        ("PUT", "/profile", {"name": "calm"}),
        ("GET", "/snapshot", None),
        ("POST", "/reports", {"service": "auth", "instance": "a"}),
    ):
        answer = await closed.request(method, f"{API}{path}", json=body, headers=student)
        assert answer.status_code == 403, path
    assert [one.fault.rate for one in closed.control.entries()] == [1.0]


async def test_a_student_makes_plans_and_ends_what_is_their_own(closed: Opened) -> None:
    student = STUDENT | MINE
    wish = {"faults": [DOWN | {"id": "pay-down"}], "token": "p-mine"}
    assert (await closed.post(f"{API}/plans", json=wish, headers=student)).status_code == 201
    theirs = wish | {"token": "p-theirs"}
    await closed.post(f"{API}/plans", json=theirs, headers=PRESENTER)
    listed = (await closed.get(f"{API}/plans", headers=student)).json()["plans"]
    assert [plan["token"] for plan in listed] == ["p-mine"]
    refused = await closed.delete(f"{API}/plans/p-theirs", headers=student)
    assert refused.status_code == 403
    stopped = await closed.post(f"{API}/reset", json={"scope": "mine"}, headers=student)
    assert stopped.json()["removed"] == ["pay-down-p-mine"]


async def test_students_without_a_session_are_all_alike_and_end_no_plan(closed: Opened) -> None:
    wish = {"faults": [DOWN | {"id": "pay-down"}], "token": "p-whose"}
    assert (await closed.post(f"{API}/plans", json=wish, headers=STUDENT)).status_code == 201
    assert (await closed.delete(f"{API}/plans/p-whose", headers=STUDENT)).status_code == 403
    assert (await closed.delete(f"{API}/plans/p-whose", headers=PRESENTER)).status_code == 204


async def test_a_student_leaves_capacity_for_others(closed: Opened) -> None:
    student = STUDENT | MINE
    for number in range(MOST_OF_A_STUDENT):
        taken = await closed.put(f"{FAULTS}/f-{number}", json=AIMED, headers=student)
        assert taken.status_code == 201
    refused = await closed.put(f"{FAULTS}/one-more", json=AIMED, headers=student)
    plan = {"faults": [DOWN | {"id": "pay-down"}]}
    planned = await closed.post(f"{API}/plans", json=plan, headers=student)
    again = await closed.put(f"{FAULTS}/f-1", json=AIMED, headers=student)
    other = await closed.put(f"{FAULTS}/other", json=DOWN, headers=PRESENTER)
    assert [one.status_code for one in (refused, planned, again, other)] == [429, 429, 200, 201]


async def test_what_is_hidden_is_for_presenters_until_it_is_revealed(closed: Opened) -> None:
    student = STUDENT | MINE
    closed.control.put(entry("secret", hidden=True))
    hit = {"fault": "secret", "trace_id": "ab", "session": "s-1234", "step": "1"}
    closed.control.hear(report("payment", hits=[hit]))
    question = {"service": "payment", "place": "POST /charges"}

    async def seen(headers: dict[str, str], **query: str) -> list[bool]:
        faults = await closed.get(FAULTS, headers=headers, params=query)
        one = await closed.get(f"{FAULTS}/secret", headers=headers, params=query)
        noted = {"trace_id": "ab", "session": "s-1234", **query}
        hits = await closed.get(f"{API}/hits", headers=headers, params=noted)
        preview = await closed.post(f"{API}/preview", json=question, headers=headers, params=query)
        changed = await closed.delete(f"{FAULTS}/secret-not", headers=headers)
        assert changed.status_code == 404
        content = [one["id"] for one in preview.json()["faults"]]
        listed = [row["id"] for row in faults.json()["faults"]]
        return [
            "secret" in listed,
            one.status_code == 200,
            bool(hits.json()["hits"]),
            "secret" in content,
        ]

    assert await seen(student) == [False] * 4
    assert await seen(student, hidden="show") == [False] * 4
    assert await seen(PRESENTER) == [False] * 4
    assert await seen(PRESENTER, hidden="show") == [True] * 4
    gone = await closed.delete(f"{FAULTS}/secret", headers=student)
    assert (gone.status_code, closed.control.entry("secret") is None) == (404, False)
    closed.control.reveal("secret")
    assert await seen(student) == [True] * 4


async def test_a_student_sees_the_hits_of_their_own_session_only(closed: Opened) -> None:
    for session in ("s-1234", "s-9999"):
        hit = {"fault": "one", "trace_id": "ab", "session": session}
        closed.control.hear(report("payment", hits=[hit]))
    found = (await closed.get(f"{API}/hits?trace_id=ab", headers=STUDENT | MINE)).json()["hits"]
    assert [hit["session"] for hit in found] == ["s-1234"]
    nobody = await closed.get(f"{API}/hits?trace_id=ab", headers=STUDENT)
    assert nobody.status_code == 400


async def test_a_page_of_another_site_does_not_reach_it_under_its_own_name(
    plane: Opened,
) -> None:
    for host in ("evil.example", "evil.example:5010", "localhost.evil.example", "192.168.0.7"):
        answer = await plane.get(FAULTS, headers={"host": host})
        assert (answer.status_code, answer.json()["type"]) == (421, "/problems/misdirected")
    for host in ("0.0.0.0", "0.0.0.0:5010", "[::]", "169.254.169.254"):  # noqa: S104
        assert (await plane.get(FAULTS, headers={"host": host})).status_code == 421, host
    for host in ("", "[", "user@localhost", "localhost:5010:5010"):
        assert (await plane.get(FAULTS, headers={"host": host})).status_code == 400, host
    for host in ("localhost", "LOCALHOST:5010", "127.0.0.1:1", "[::1]:5010", "localhost."):
        assert (await plane.get(FAULTS, headers={"host": host})).status_code == 200


async def test_the_names_that_the_shop_is_called_by_are_its_own(open_plane: Opener) -> None:
    plane = await open_plane(CHAOS_URL="http://class.example:5010")
    assert (await plane.get(FAULTS, headers={"host": "class.example"})).status_code == 200
    assert (await plane.get(FAULTS, headers={"host": "other.example"})).status_code == 421


async def test_where_tokens_are_required_any_host_name_is_accepted(closed: Opened) -> None:
    headers = {"host": "school.example"}
    assert (await closed.get(FAULTS, headers=headers)).status_code == 401
    assert (await closed.get(FAULTS, headers=headers | PRESENTER)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:8080"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8080"},
    ],
)
async def test_a_page_of_another_site_changes_nothing(
    plane: Opened, headers: dict[str, str]
) -> None:
    plane.control.put(entry("one"))
    for method, path in (("PUT", "/faults/one"), ("DELETE", "/faults/one"), ("POST", "/reset")):
        answer = await plane.request(method, f"{API}{path}", json=DOWN, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/foreign-origin")
    assert (await plane.get(FAULTS, headers=headers)).status_code == 200


async def test_its_own_page_changes_what_it_likes(plane: Opened) -> None:
    own = {"origin": f"http://127.0.0.1:{plane.port}", "sec-fetch-site": "same-origin"}
    assert (await plane.put(f"{FAULTS}/one", json=DOWN, headers=own)).status_code == 201


async def test_only_json_is_taken(plane: Opened) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = await plane.put(
            f"{FAULTS}/one", content='{"effect": {"type": "error"}}', headers={"content-type": kind}
        )
        assert (answer.status_code, answer.json()["type"]) == (
            415,
            "/problems/unsupported-media-type",
        )
    for kind in (
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/merge-patch+json",
    ):
        answer = await plane.put(
            f"{FAULTS}/one", content='{"effect": {"type": "error"}}', headers={"content-type": kind}
        )
        assert answer.status_code < 300


async def test_what_is_too_large_is_not_read(plane: Opened) -> None:
    for size, status in ((256 * 1024 + 1, 413), (256 * 1024 - 100, 422)):
        answer = await plane.put(f"{FAULTS}/one", json={"title": "x" * (size - 12)})
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        )


async def test_a_token_is_in_no_answer_and_no_line_of_the_log(
    closed: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "acmeshop")
    answers: list[httpx.Response] = [
        await closed.put(f"{FAULTS}/one", json=DOWN, headers=PRESENTER),
        await closed.get(FAULTS, headers={"authorization": "Bearer topx"}),
        await closed.post(f"{API}/reset", json={"scope": "all"}, headers=PRESENTER),
    ]
    assert not any("Bearer to" in answer.text or '"top"' in answer.text for answer in answers)
    messages = [record.getMessage() for record in caplog.records]
    assert [line.partition(": ")[2] for line in messages] == [
        "presenter applied one (live, class)",
        "presenter stopped everything: one",
    ]


async def test_a_hidden_fault_changes_no_answer_to_a_student(closed: Opened) -> None:
    student = STUDENT | MINE
    closed.control.hear(report("auth", own=[own("auth-failure")]))
    closed.control.choose("realistic")
    (_, given), *_ = closed.control.book.layers

    async def content() -> list[object]:
        faults = await closed.get(FAULTS, headers=student)
        one = await closed.get(f"{FAULTS}/auth-failure", headers=student)
        put = await closed.put(f"{FAULTS}/auth-failure", json=AIMED, headers=student)
        stale = {"if-match": '"x"'} | student
        late = await closed.put(f"{FAULTS}/auth-failure", json=AIMED, headers=stale)
        made = await closed.post(FAULTS, json=AIMED | {"id": "auth-failure"}, headers=student)
        question = {"service": "auth", "place": "GET /auth"}
        preview = await closed.post(f"{API}/preview", json=question, headers=student)
        rows = [(row["id"], row["state"], row["why"]) for row in faults.json()["faults"]]
        return [rows, one.headers["etag"], put.text, late.text, made.text, preview.text]

    before = await content()
    closed.control.put(entry("auth-failure", hidden=True), entry(given, hidden=True))
    assert await content() == before


async def test_the_id_of_a_hidden_fault_cannot_be_used_and_nobody_says_why(
    closed: Opened,
) -> None:
    closed.control.put(entry("secret", hidden=True))
    made = await closed.post(FAULTS, json=AIMED | {"id": "secret"}, headers=STUDENT | MINE)
    put = await closed.put(f"{FAULTS}/secret", json=AIMED, headers=STUDENT | MINE)
    assert (made.status_code, put.status_code) == (409, 409)
    assert made.json()["detail"] == put.json()["detail"] == "secret cannot be used: use another id"
    [kept] = closed.control.entries()
    assert kept.fault.hidden
