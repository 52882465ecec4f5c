"""A container's health check: exit code 0 when each of the addresses answers 200.

Run as `python -I -S probe.py http://127.0.0.1:5000/readyz ...`: it imports next to nothing, since
it runs every few seconds in every container.
"""

import http.client
import sys

SECONDS = 2


def why_not(address: str) -> str:
    """What is wrong with the answer of `http://host:port/path`; empty when it is 200."""
    host, _, path = address.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=SECONDS)
    try:
        connection.request("GET", f"/{path}")
        status = connection.getresponse().status
    except OSError as error:
        return f"{address}: {error}"
    finally:
        connection.close()
    return "" if status == 200 else f"{address}: {status}"


def main(addresses: list[str]) -> int:
    found = [reason for address in addresses if (reason := why_not(address))]
    for reason in found:
        print(reason, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
