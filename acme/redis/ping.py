"""Is a Redis there, and ready? One question over its socket, without a client."""

import socket
from contextlib import closing

PING, PONG = b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n"
PATIENCE = 1.0


def answers(host: str, port: int) -> bool:
    """Whether it answers within a second; one that still loads its data does not."""
    try:
        with closing(socket.create_connection((host, port), timeout=PATIENCE)) as asked:
            asked.sendall(PING)
            return asked.recv(len(PONG)) == PONG
    except OSError:
        return False
