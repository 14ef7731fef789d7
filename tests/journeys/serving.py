"""`mergewright serve` as a process of its own, to be stopped and started again in the same place."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import psutil
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from tests.journeys.places import ROOT, Shop

START_SECONDS = 240
ANSWER_SECONDS = 60


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask_server(api: str, method: str, path: str, body: Any = None) -> Any:
    """Ask a Prefect server; ask again while its database is locked, as Prefect's client does."""
    waiting = Retrying(
        wait=wait_fixed(0.5),
        stop=stop_after_delay(ANSWER_SECONDS),
        retry=retry_if_result(lambda answer: answer.status_code >= 500),
        retry_error_callback=lambda state: state.outcome.result(),
    )
    answer = waiting(httpx.request, method, f"{api}/{path}", json=body, timeout=ANSWER_SECONDS)
    return answer.raise_for_status().json()


def begin_run(api: str, deployment: str, request: dict[str, Any]) -> str:
    """Begin a run of a deployment once, as the form of the Prefect UI does; return its id."""
    found = ask_server(api, "GET", f"deployments/name/{deployment}")
    body = {
        "parameters": {"request": request},
        "state": {"type": "SCHEDULED"},
        "idempotency_key": uuid4().hex,
    }
    begun = ask_server(api, "POST", f"deployments/{found['id']}/create_flow_run", body)
    return str(begun["id"])


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started, so that none of them can do a last thing."""
    parent = psutil.Process(process.pid)
    family = [*parent.children(recursive=True), parent]
    for one in reversed(family):
        one.kill()
    psutil.wait_procs(family, timeout=30)


@contextmanager
def serving(shop: Shop, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Serve at the address of the shop's API: server, worker and all deployments.

    Args:
        shop: Where.
        variables: Of the environment, besides the shop's.
    """
    port = shop.api.removesuffix("/api").rpartition(":")[2]
    environment = {**shop.environment, "DO_NOT_TRACK": "1", **variables}
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
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
