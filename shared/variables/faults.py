"""The variables of failures on purpose, and of who may order them."""

from shared.readers import one_of, token, whole
from shared.variables.variable import TEXT, Variable

TOKEN = token, "letters, digits and ._~+/=- are allowed, 200 of them at most"

FAULT_VARIABLES = (
    Variable(
        "ACME_SEED",
        "267",
        whole(0, 2**63 - 1),
        "a whole number from 0 to 9223372036854775807 is allowed",
        "seed of every fault's draws: same seed and same requests, same outcomes",
    ),
    Variable(
        "ACME_FAULTS",
        "default",
        *TEXT,
        "which faults there are at the start: calm, default, realistic, or a file of faults",
    ),
    Variable("ACME_SCENARIOS", "chaos/scenarios", *TEXT, "folder of the scenarios"),
    Variable(
        "ACME_REQUEST_FAULTS",
        "auto",
        one_of("auto", "on", "off"),
        "auto, on or off is allowed",
        "whether callers of the gateway may say in baggage whose faults strike them; auto: if "
        "ACME_HOST is this machine alone",
    ),
    Variable(
        "CHAOS_TOKEN",
        "",
        *TOKEN,
        "what presenters and services show to the control plane",
        secret=True,
    ),
    Variable(
        "CHAOS_STUDENT_TOKEN",
        "",
        *TOKEN,
        "what students show to the control plane",
        secret=True,
    ),
    Variable(
        "CHAOS_DEFAULT_ROLE",
        "auto",
        one_of("auto", "presenter", "student", "none"),
        "auto, presenter, student or none is allowed",
        "who one is without a token; auto: a presenter if ACME_HOST is this machine alone, else "
        "nobody",
    ),
)
