"""The services that orders calls, payment in one of two ways, and the stream it publishes to."""
