"""Where a request comes from, as far as a browser tells, and which hosts are this machine."""

from ipaddress import ip_address

OWN = frozenset({"same-origin", "none"})


def is_foreign(site: str | None, origin: str | None, host: str) -> bool:
    """Whether a browser says that it sends this for another site's page. `site` is its header
    Sec-Fetch-Site, which old ones do not send; what is no browser sends neither.
    """
    if site is not None:
        return site not in OWN
    return origin is not None and origin not in {f"http://{host}", f"https://{host}"}


def is_local(host: str) -> bool:
    """Whether a name without its port can only mean this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
