"""Whether the shop believes probes whose clicks theirs are."""

from acme.faults.control import Rejected
from chaos.measures.driving import drive
from chaos.measures.shop import Shop

FORBIDDEN = 403
SESSION = "session.id"
DROPPED = (
    "the gateway drops what callers say of their session, so no fault that is meant for one would "
    "strike these clicks: start the shop with ACME_REQUEST_FAULTS=on"
)


def must_be_believed(shop: Shop) -> None:
    """Makes a click in a session. Raises Rejected when its trace does not know of that one; what
    has no trace tells nothing.
    """
    try:
        traces = drive(shop, "shelf", 1, session="probe-belief").traces
    except OSError:  # there is no lens to ask
        return
    spans = [span for trace in traces for span in trace.find("gateway", kind="SERVER")]
    if spans and not any(SESSION in span.attributes for span in spans):
        raise Rejected(FORBIDDEN, DROPPED)
