"""Merge patches, RFC 7396."""

from typing import Any


def merged(was: Any, patch: Any) -> Any:
    """`was` with what `patch` says; null takes a member away."""
    if not isinstance(patch, dict):
        return patch
    kept = dict(was) if isinstance(was, dict) else {}
    for name, value in patch.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), value)
    return kept
