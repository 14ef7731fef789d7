"""Preparing Prefect for a run in this process: quiet on the terminal, and reachable.

The command line imports Prefect only inside functions: the import takes a second, and most commands
have no use for it.
"""

import logging
import logging.config
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

import httpx
from ruamel.yaml import YAML

from mergewright.errors import ServiceUnavailable
from mergewright.settings import settings

STARTUP_TIMEOUT_SECONDS = 120
HEALTH_TIMEOUT_SECONDS = 5.0
PROFILE_SLUG = "mergewright-delivery-profile"
SILENCED_HANDLERS = ("console", "debug")


@contextmanager
def prefect_engine() -> Iterator[None]:
    """Make Prefect ready for flows in this process, and send what it logs to a file.

    Without an address of a Prefect API, Prefect starts a temporary server on loopback.

    Raises:
        ServiceUnavailable: The configured API does not answer, or no server can be started.
    """
    from prefect.settings import (  # noqa: PLC0415 - a second that only runs pay
        PREFECT_LOGGING_SETTINGS_PATH,
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS,
        get_current_settings,
        temporary_settings,
    )

    log_folder = settings().home / "logs"
    log_folder.mkdir(parents=True, exist_ok=True)
    changes: dict[Any, Any] = {
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: True,
        PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS: STARTUP_TIMEOUT_SECONDS,
    }
    if not get_current_settings().logging.config_path.exists():
        changes[PREFECT_LOGGING_SETTINGS_PATH] = _write_logging_configuration(log_folder)
    with temporary_settings(changes):
        _configure_logging()
        if api := api_url():
            check_api(api)
        else:
            _start_temporary_server()
        yield


def api_url() -> str:
    """Return the address of the configured Prefect API; empty for a temporary server."""
    from prefect.settings import get_current_settings  # noqa: PLC0415 - see prefect_engine

    return get_current_settings().api.url or ""


def check_api(api: str) -> None:
    """Ask a Prefect API whether it is well.

    Raises:
        ServiceUnavailable: It does not answer, or not as a Prefect API.
    """
    try:
        httpx.get(f"{api}/health", timeout=HEALTH_TIMEOUT_SECONDS).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceUnavailable(
            f"The Prefect API at {api!r} does not answer: {error}.",
            hint="Start it with `prefect server start`, or unset PREFECT_API_URL to use a "
            "temporary server.",
        ) from error


def has_profile(name: str) -> bool:
    """Say whether the configured Prefect API knows a delivery profile.

    Raises:
        ServiceUnavailable: The API does not answer.
    """
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - see prefect_engine
    from prefect.exceptions import ObjectNotFound  # noqa: PLC0415 - see prefect_engine

    try:
        with get_client(sync_client=True) as client:
            client.read_block_document_by_name(name, PROFILE_SLUG)
    except ObjectNotFound:
        return False
    except httpx.HTTPError as error:
        raise ServiceUnavailable(
            f"The Prefect API at {api_url()!r} does not answer: {error}.",
            hint="See whether `prefect server start` still runs.",
        ) from error
    return True


def _write_logging_configuration(folder: Path) -> Path:
    """Write Prefect's own logging configuration with a file in place of the console.

    A file, since the temporary server is a process of its own that shares this terminal.
    """
    import prefect.logging  # noqa: PLC0415 - see prefect_engine

    shipped = Path(prefect.logging.__file__).with_name("logging.yml")
    yaml = YAML()
    document = yaml.load(shipped.read_text(encoding="utf-8"))
    for name in SILENCED_HANDLERS:
        handler = document["handlers"][name]
        document["handlers"][name] = {
            "level": 0,
            "class": "logging.FileHandler",
            "formatter": handler["formatter"],
            # `$` is a placeholder's start for Prefect's template
            "filename": str(folder / "prefect.log").replace("$", "$$"),
            "encoding": "utf-8",
            "delay": True,
        }
    path = folder / "prefect-logging.yml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)
    return path


def _start_temporary_server() -> None:
    """Start Prefect's temporary server so that Ctrl-C, which the whole terminal gets, spares it.

    A flow that is interrupted still has something to tell the server, and asks a dead one for
    minutes. A child process inherits the signals that are held back in the thread that makes it.

    Raises:
        ServiceUnavailable: The server does not start.
    """
    failures: list[Exception] = []
    ended = Signal()
    context = copy_context()
    Thread(target=lambda: context.run(_hold_a_client, failures, ended), daemon=True).start()
    # not `Thread.join`: on Python 3.11 an interrupted join takes the thread for ended
    ended.wait()
    if failures:
        log = settings().home / "logs" / "prefect.log"
        raise ServiceUnavailable(
            f"Prefect's temporary server does not start: {failures[0]}.",
            hint=f"See {str(log)!r}, or run `prefect server start` and set PREFECT_API_URL.",
        ) from failures[0]


def _hold_a_client(failures: list[Exception], ended: Signal) -> None:
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - see prefect_engine

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with get_client(sync_client=True):
            pass
    except (RuntimeError, OSError, httpx.HTTPError) as error:
        failures.append(error)
    finally:
        ended.set()


def _configure_logging() -> None:
    from prefect.logging.configuration import setup_logging  # noqa: PLC0415 - see prefect_engine

    setup_logging(incremental=False)
    logging.captureWarnings(capture=True)
