"""`mergewright serve`: a Prefect server and a worker on this machine, with everything deployed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from rich.console import Console
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from mergewright.cli.exit_codes import OK
from mergewright.cli.output import human_console
from mergewright.errors import ServiceUnavailable, SettingInvalid
from mergewright.settings import settings

PREFECT = (sys.executable, "-m", "prefect")
POOL = "mergewright"
SERVER_TIMEOUT_SECONDS = 120
STOP_TIMEOUT_SECONDS = 15

SERVER_VARIABLES = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # Without batches a server on SQLite records about 40 task runs a second and then falls behind.
    # A shorter flush interval shows runs sooner and costs a third of a processor while idle.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "200",
}
WORKER_VARIABLES = {"PREFECT_WORKER_QUERY_SECONDS": "2"}


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 4200,
    project: Path = Path(),
) -> int:
    """Start a Prefect server and a worker here, with all that `mergewright deploy` makes.

    Ctrl-C stops both. The server keeps its database in PREFECT_HOME.

    Args:
        host: Address that the server listens on.
        port: Port of the Prefect server and its UI.
        project: Folder that holds `deployments`, and in which runs begin.

    Raises:
        SettingInvalid: The port is taken, or the project has no deployments.
        ServiceUnavailable: The server or the deployment did not come up.
    """
    console = human_console()
    project = project.resolve()
    folder = project / "deployments"
    if not (folder / "workflows.yaml").is_file():
        raise SettingInvalid(
            f"There is no deployments/workflows.yaml in {str(project)!r}.",
            hint="Run it in Mergewright's own folder, or name that with --project.",
        )
    _refuse_taken(host, port)
    api = f"http://{host}:{port}/api"
    environment = {
        **os.environ,  # noqa: TID251 - Prefect's own processes take their settings from it
        **SERVER_VARIABLES,
        **WORKER_VARIABLES,
        "PREFECT_API_URL": api,
    }
    logs = settings().home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with _stopped_together() as started:
        console.print("Starting the Prefect server …")
        command = ("server", "start", "--host", host, "--port", str(port))
        started.append(_start(command, environment, project, logs / "server.log"))
        _await_health(api, started[0], logs / "server.log")
        _deploy(console, environment, project)
        command = ("worker", "start", "--pool", POOL, "--name", socket.gethostname())
        started.append(_start(command, environment, project, logs / "worker.log"))
        _tell(console, api, logs)
        _await_end(started, logs)
    return OK


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingInvalid(
                f"Nothing can listen on {host}:{port}: {error.strerror}.",
                hint="Stop what runs there, or choose another --port.",
            ) from error


def _start(
    command: tuple[str, ...], environment: dict[str, str], project: Path, log: Path
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - fixed argument lists, no shell
            [*PREFECT, *command],
            env=environment,
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextmanager
def _stopped_together() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Stop every process that was started, the last one first, however the block ends."""
    started: list[subprocess.Popen[bytes]] = []
    previous = signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        yield started
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, previous)
        for process in reversed(started):
            _stop(process)


def _as_interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _await_health(api: str, server: subprocess.Popen[bytes], log: Path) -> None:
    def look() -> None:
        if server.poll() is not None:
            raise ServiceUnavailable(
                f"The Prefect server ended with code {server.returncode}.", hint=f"See {log}."
            )
        httpx.get(f"{api}/health", timeout=2).raise_for_status()

    waiting = Retrying(
        wait=wait_fixed(0.5),
        stop=stop_after_delay(SERVER_TIMEOUT_SECONDS),
        retry=retry_if_exception_type(httpx.HTTPError),
    )
    try:
        waiting(look)
    except RetryError as error:
        raise ServiceUnavailable(
            f"The Prefect server did not answer within {SERVER_TIMEOUT_SECONDS} s.",
            hint=f"See {log}.",
        ) from error


def _deploy(console: Console, environment: dict[str, str], project: Path) -> None:
    console.print("Registering blocks and deploying …")
    command = (
        *(sys.executable, "-m", "mergewright.cli.main", "deploy"),
        *("--folder", str(project / "deployments"), "--directory", str(project)),
        *("--pool", POOL),
    )
    done = subprocess.run(  # noqa: S603 - fixed argument lists, no shell
        command,
        env=environment,
        cwd=project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServiceUnavailable(
            f"{' '.join(command[2:])!r} ended with code {done.returncode}.",
            hint=(done.stderr or done.stdout)[-2000:],
        )


def _tell(console: Console, api: str, logs: Path) -> None:
    base = api.removesuffix("/api")
    console.print(f"""
Ready. Open {base}/deployments, or in another terminal:

  export PREFECT_API_URL={api}
  prefect deployment run standard-dev/default \\
    --params '{{"request": {{"ticket": "TICKET.md", "repository": "PATH_OR_URL"}}}}'

Logs are in {logs}. Ctrl-C stops server and worker.""")


def _await_end(started: list[subprocess.Popen[bytes]], logs: Path) -> None:
    """Wait until one of the processes ends, which none does by itself."""
    waiting = Retrying(wait=wait_fixed(1), retry=retry_if_exception_type(TimeoutError))

    def look() -> int:
        for process in started:
            if process.poll() is not None:
                return int(process.returncode)
        raise TimeoutError

    code = waiting(look)
    raise ServiceUnavailable(f"A Prefect process ended with code {code}.", hint=f"See {logs}.")
