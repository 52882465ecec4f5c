"""Calling another service over gRPC, and answering such calls: docs/grpc.md.

methods.py reads what a .proto file says of a service, status.py has the table of status codes,
peer.py makes a call and wire.py sends it, server.py listens, with the interceptors in
interceptors.py.

Everything that is not of HTTP is shared with shared/http: the policy of a call (deadline, retries,
breaker, pool), its faults, and the errors it raises. Imported only where ACME_INTERNAL=grpc, as
grpcio takes 12 MB and a fifth of a second.
"""
