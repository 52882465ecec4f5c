"""The pipe that ties a service to its launcher: when the launcher is gone, so is the service.

The launcher holds the writing end and never writes. However it ends, SIGKILL included, the system
closes that end, and each service reads the end of the file. A thread waits for it, not the event
loop, because a loop that hangs would not notice.
"""

import os
import signal
import threading
import time

GRACE = 1.5


def hold(reading_end: int) -> None:
    """Ends this process once the other end of the pipe has closed: politely, then for good."""
    threading.Thread(target=_wait, args=(reading_end,), name="lifeline", daemon=True).start()


def _wait(reading_end: int) -> None:
    while os.read(reading_end, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
