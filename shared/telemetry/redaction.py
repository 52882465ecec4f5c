"""What must not be recorded: values of parameters whose names say that they are secret."""

import re

SECRET = re.compile(
    r"(?i)(?P<name>(?:^|[&;?])[^=&;]*(?:pass|secret|token|card|ccv|cvv|code|signature|session)[^=&;]*=)[^&;]*"
)


def redacted(query: str) -> str:
    """The query string with the values of secret-looking parameters replaced by REDACTED."""
    return SECRET.sub(r"\g<name>REDACTED", query)
