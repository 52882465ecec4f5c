"""What each effect looks like in a trace, for whoever writes or reads about it."""

SEEN = {
    "error": "the span that was struck has the status and is red; on the client's side there is no "
    "SERVER span below",
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
    "unready": "nothing: health has no spans; `acme ps` and load balancers tell",
    "duplicate": "two CONSUMER spans that link to one PRODUCER span, or work done twice in one",
    "drop": "a PRODUCER span that no CONSUMER span links to",
    "poison": "CONSUMER spans red with `JSONDecodeError` until the message is buried",
}
