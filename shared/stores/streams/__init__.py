"""Streams of events in Redis: published once, handled at least once."""

from shared.stores.streams.message import Message, Patience
from shared.stores.streams.stream import Stream

__all__ = ["Message", "Patience", "Stream"]
