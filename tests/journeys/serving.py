"""`mergewright serve` as a process of its own, to be stopped and started again in the same place."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from tests.journeys.places import ROOT, Shop

START_SECONDS = 240


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(shop: Shop) -> Iterator[None]:
    """Serve at the address of the shop's API: server, worker and all deployments."""
    port = shop.api.removesuffix("/api").rpartition(":")[2]
    environment = {**shop.environment, "DO_NOT_TRACK": "1"}
    del environment["PREFECT_API_URL"]
    log = shop.home.parent / "serve.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            shop.command("serve", "--port", port, "--project", str(ROOT)),
            env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        waiting = Retrying(
            wait=wait_fixed(0.5),
            stop=stop_after_delay(START_SECONDS),
            retry=retry_if_result(lambda ready: not ready),
        )
        waiting(lambda: "Ready." in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(60)
