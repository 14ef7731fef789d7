"""A way to a server that breaks when the test says so."""

import socket
import threading
from contextlib import suppress


class CuttingProxy:
    """Passes bytes between a client and a port on this machine, until it is told to cut."""

    def __init__(self, port):
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._cut = None
        self._between = None
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"

    def cut(self, where, *, between=lambda: None):
        """Break the connection once: before the next `request` arrives, or the next `answer`.

        Args:
            where: What is lost.
            between: Called after what was lost, before the client learns of it.
        """
        self._between = between
        self._cut = where

    def close(self):
        self._listener.close()

    def _serve(self):
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                for name, source, sink in (("request", client, server), ("answer", server, client)):
                    threading.Thread(
                        target=self._pass, args=(name, source, sink), daemon=True
                    ).start()

    def _pass(self, name, source, sink):
        with suppress(OSError):
            while data := source.recv(65_536):
                if self._cut == name:
                    self._cut = None
                    self._between()
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
