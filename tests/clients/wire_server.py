"""A server below any protocol: what it does with a connection is a function of the test's."""

import socket
import struct
import threading
from contextlib import suppress


class WireServer:
    """Gives each connection to `act(connection, released)`; `released` is set when it closes."""

    def __init__(self, act):
        self._act = act
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._released.set()
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with connection, suppress(OSError):
            self._act(connection, self._released)


def reset(connection):
    """Close so that the other side sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def drip(connection, released, start, piece=b" ", pause_seconds=0.05):
    """Send a start at once, and then pieces until the other side has enough."""
    connection.sendall(start)
    while not released.wait(pause_seconds):
        connection.sendall(piece)
