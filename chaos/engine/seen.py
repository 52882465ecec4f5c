"""What each effect looks like in a trace, for whoever writes or reads about it."""

BEHAVES = {
    "n_plus_one": (
        "catalog reads the ids, then each product by itself",
        "a staircase of equal short spans below one SERVER span",
    ),
    "no_idempotency": (
        "payment and its bank take every request for a new one",
        "after a retry two charges of one order, each with a span that wrote it",
    ),
    "naive_retries": (
        "each call of the service is tried 3 times, at once and without a breaker",
        "a comb of CLIENT spans with `http.request.resend_count`, that multiplies in each layer",
    ),
    "no_timeout": (
        "a call of the service has no deadline in total, one for each read only",
        "a short green CLIENT span that its SERVER span outlives, and a gap in the span above",
    ),
    "single_connection": (
        "the stores of the service are reached over one connection",
        "gaps before the store's spans that grow like a staircase",
    ),
    "no_single_flight": (
        "each request for the list of products makes a query of its own",
        "many equal queries at once, none of which links to another's",
    ),
    "fallback": (
        "shipping answers with the last status it knows when the carrier fails",
        "the carrier's CLIENT span is red, and all above are not: `acmeshop.resilience.outcome`",
    ),
    "retries": (
        "each GET call of the service is tried up to 3 times, with pauses that grow",
        "a red CLIENT span beside one that is not, below a request that went well",
    ),
}

SEEN = {
    "error": "the span where it is injected has the status and is red; on the client's side there "
    "is no SERVER span below",
    "exception": "500, with the exception and its stack on the SERVER span",
    "latency": "the span grows; nothing is red unless somebody's deadline passes",
    "hang": "the caller's CLIENT span is red with `timeout`; the SERVER span outlives it",
    "connect_error": "a red CLIENT span, `ConnectError` or `ConnectTimeout`, that has no child",
    "reset": "CLIENT `ReadError`, SERVER `ConnectionResetError`, neither with a status",
    "truncate": "SERVER 200, yet `ConnectionAbortedError`; CLIENT `ReadError`",
    "drip": "both spans are long, without anything below that is",
    "rate_limit": "CLIENT red with 429; SERVER has 429 and is no error",
    "drop_context": "the trace ends at the CLIENT span; the callee's SERVER span is a root",
    "cpu": "every span of the process stretches, whatever route it is",
    "leak": "nothing at all, until the process grows slow: look at its memory",
    "crash": "CLIENT `RemoteProtocolError` or `ReadError`; the SERVER span never arrives",
    "unready": "nothing: health has no spans; `acme ps` and load balancers show it",
    "duplicate": "two CONSUMER spans that link to one PRODUCER span, or work done twice in one",
    "drop": "a PRODUCER span that no CONSUMER span links to",
    "pool": "gaps before the spans that wait for their turn, which grow like a staircase",
    "behavior": "what the bug does to the trace, or the mitigation: see below",
    "poison": "CONSUMER spans red with `JSONDecodeError` until the message is buried",
}
