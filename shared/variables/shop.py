"""The variables of the shop as a whole."""

from shared.readers import mongo_url, number, one_of, redis_url, trace_links, whole
from shared.variables.variable import PORT, SWITCH, TEXT, Variable

SHOP_VARIABLES = (
    Variable("ACME_HOST", "127.0.0.1", *TEXT, "address every service listens on"),
    Variable("ACME_DATA", ".acme/data", *TEXT, "folder of the embedded stores"),
    Variable("ACME_MOCKS", "mocks", *TEXT, "folder of the generated data"),
    Variable(
        "MONGO_URL",
        "",
        mongo_url,
        "a mongodb:// or mongodb+srv:// address is allowed",
        "keeps documents in this MongoDB; without it each service has an SQLite file in ACME_DATA",
        secret=True,
    ),
    Variable(
        "REDIS_URL",
        "redis://127.0.0.1:16379",
        redis_url,
        "a redis:// or rediss:// address is allowed",
        "keeps carts, sessions and events in this Redis; without it `acme up` starts one",
        secret=True,
    ),
    Variable("REDIS_PORT", "16379", *PORT, "port of the Redis that `acme up` starts"),
    Variable(
        "DEMO_PASSWORD",
        "vmware1!",
        *TEXT,
        "password of the demo users eric, phoebe, dwight, han, elaine and walter",
        secret=True,
    ),
    Variable(
        "FRONTEND_DEMO_LOGIN",
        "true",
        *SWITCH,
        "the login page offers the demo users at one click",
    ),
    Variable(
        "FRONTEND_TRACE_LINKS",
        "",
        trace_links,
        "a list like Jaeger=http://host:16686/trace/{trace_id} is allowed",
        "where the shop's pages link to for a trace; without it to lens",
    ),
    Variable(
        "FRONTEND_DRAW_TRACES",
        "auto",
        one_of("auto", "true", "false"),
        "auto, true or false is allowed",
        "whether the shop's pages draw a click's trace, which they ask of lens; auto: unless "
        "FRONTEND_TRACE_LINKS leads elsewhere",
    ),
    Variable(
        "PAYMENT_ACCEPT_EXPIRED",
        "false",
        *SWITCH,
        "payment takes cards that have expired, for recorded clients",
    ),
    Variable(
        "ORDERS_RECOVERY_SECONDS",
        "5",
        number(0.1, 3600),
        "seconds from 0.1 to 3600 are allowed",
        "how often orders and payment look for what a crash left half done, and how old it must be",
    ),
    Variable(
        "ORDERS_PATIENCE_SECONDS",
        "60",
        number(0.1, 3600),
        "seconds from 0.1 to 3600 are allowed",
        "how long an order that is not paid is left to its buyer, who may press again",
    ),
    Variable(
        "ACME_TIMEOUT_MS",
        "5000",
        number(1, 600_000),
        "milliseconds from 1 to 600000 are allowed",
        "total deadline of one call from a service to another, its body included",
    ),
    Variable(
        "ACME_LOG_LEVEL",
        "info",
        one_of("debug", "info", "warning", "error"),
        "debug, info, warning or error is allowed",
        "from which level on log lines are written",
    ),
    Variable("ACME_ACCESS_LOG", "false", *SWITCH, "one log line for every request"),
    Variable(
        "ACME_LOOP",
        "auto",
        one_of("auto", "uvloop", "asyncio"),
        "auto, uvloop or asyncio is allowed",
        "event loop; auto takes uvloop where it is installed",
    ),
    Variable(
        "SUGGESTIONS_BATCH",
        "false",
        *SWITCH,
        "articles asks for all suggestions in one call, which ends the N+1",
    ),
    Variable(
        "LENS_MAX_TRACES",
        "20000",
        whole(1, 10_000_000),
        "a whole number from 1 to 10000000 is allowed",
        "how many traces lens keeps before it forgets the oldest",
    ),
    Variable(
        "LENS_MAX_MB",
        "256",
        whole(1, 1_000_000),
        "megabytes from 1 to 1000000 are allowed",
        "how large lens's file may grow before it forgets the oldest traces",
    ),
)
