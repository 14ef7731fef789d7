"""The services outside: how each is doing, whether it may be called, and what it said last."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import duration, plain
from mergewright.cli.output import human_console, print_json, print_text
from mergewright.cli.service_checks import ServiceCheck, check_services
from mergewright.domain.health import ServiceHealth, ServiceState
from mergewright.errors import ServiceError, SettingInvalid
from mergewright.events.health import Health, open_health
from mergewright.events.health_metrics import metrics_of
from mergewright.settings import settings

COLUMNS = {"service": 0, "host": 0, "state": 0, "p50 / p95": 80, "last seen": 60, "last error": 100}
"""The columns, each with the width of terminal from which it is shown."""
STYLES = {
    ServiceState.UP: "green",
    ServiceState.ILL: "yellow",
    ServiceState.OPEN: "bold red",
    ServiceState.UNKNOWN: "dim",
}
DEFAULT_PROFILE = "local"


def services(
    *,
    check: Annotated[bool, Parameter(negative="")] = False,
    profile: str = DEFAULT_PROFILE,
    metrics: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Show how each service outside is doing: health, circuit, latency and last error.

    Args:
        check: Ask the services of a profile now; exits with 8 if one that runs need is down.
        profile: The delivery profile whose services are asked.
        metrics: Print the figures as Prometheus reads them.
        json: Print them as JSON.
    """
    if json and metrics:
        raise SettingInvalid("--json and --metrics: there is one output.", hint="Give one of them.")
    console = human_console(as_json=json or metrics)
    store = open_health(settings().event_store_url)
    checks = _ask(console, store, profile) if check else ()
    known, now = store.services(), datetime.now(UTC)
    if metrics:
        print_text(metrics_of(known, now))
    elif json:
        rows = [service_document(health, now) for health in known]
        print_json({"services": rows, "checks": [one.model_dump(mode="json") for one in checks]})
    else:
        _print(console, known, checks, now)
    down = any(one.is_needed and not one.is_well for one in checks)
    return ServiceError.exit_code if down else OK


def services_table(known: Sequence[ServiceHealth], now: datetime, width: int) -> Table:
    """Return the table that a person sees; a narrow one tells less."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    columns = [name for name, least_width in COLUMNS.items() if width >= least_width]
    for name in columns:
        whole = name in {"service", "state", "p50 / p95", "last seen"}
        table.add_column(name, no_wrap=whole, overflow="fold")
    for health in known:
        cells = _cells(health, now)
        table.add_row(*(cells[name] for name in columns))
    return table


def service_document(health: ServiceHealth, now: datetime) -> dict[str, Any]:
    """Return the JSON form of what is known of a service."""
    calls, circuit = health.calls, health.circuit
    document = calls.model_dump(mode="json", exclude={"latencies_seconds"})
    return {
        "service": health.service,
        "host": health.host,
        "state": health.state(now),
        "failures_in_a_row": circuit.failures,
        "closes_at": circuit.model_dump(mode="json")["closes_at"],
        "latency_p50_seconds": calls.latency_seconds(0.5),
        "latency_p95_seconds": calls.latency_seconds(0.95),
        **document,
    }


def state_text(health: ServiceHealth, now: datetime) -> Text:
    """Return in a few words whether a service can be called."""
    state = health.state(now)
    closes_at = health.circuit.closes_at
    words = str(state)
    if state is ServiceState.OPEN and closes_at is not None:
        words = f"open until {closes_at.astimezone():%H:%M:%S}"
    elif state is ServiceState.ILL and health.circuit.opened_at is not None:
        words = "ill, next call tries"
    return Text(words, style=STYLES[state])


def _ask(console: Console, store: Health, profile: str) -> tuple[ServiceCheck, ...]:
    from mergewright.cli.engine import prefect_engine  # noqa: PLC0415 - only asking needs Prefect
    from mergewright.clients.breaker import share_circuits, tell_health  # noqa: PLC0415 - as above

    with prefect_engine(console):
        from blocks.profile import load_profile  # noqa: PLC0415 - imports Prefect

        share_circuits(store)
        checks = check_services(load_profile(profile))
        tell_health()
    return checks


def _print(
    console: Console,
    known: Sequence[ServiceHealth],
    checks: Sequence[ServiceCheck],
    now: datetime,
) -> None:
    if known:
        console.print(services_table(known, now, console.width))
    else:
        where = str(settings().home)
        console.print(Text(f"No service outside has been called yet in {where!r}."), soft_wrap=True)
    for one in checks:
        mark = ("ok", "green") if one.is_well else ("DOWN", "bold red" if one.is_needed else "red")
        said = f": {plain(one.said)}" if one.said else ""
        need = "" if one.is_well or one.is_needed else " (runs go on without it)"
        line = Text.assemble("\n", mark, f"  {one.part} ({one.kind}){need}{said}")
        console.print(line, soft_wrap=True, end="")
        if one.hint:
            console.print(Text(f"\n    → {plain(one.hint)}", style="bold"), soft_wrap=True, end="")
    if checks:
        console.print()


def _cells(health: ServiceHealth, now: datetime) -> dict[str, Text]:
    calls = health.calls
    return {
        "service": Text(plain(health.service)),
        "host": Text(plain(health.host)),
        "state": state_text(health, now),
        "p50 / p95": Text(_latency(health)),
        "last seen": Text(_ago(calls.last_answer_at, now)),
        "last error": Text(_error(health, now)),
    }


def _latency(health: ServiceHealth) -> str:
    half, most = (health.calls.latency_seconds(part) for part in (0.5, 0.95))
    return "-" if half is None or most is None else f"{_span(half)} / {_span(most)}"


def _span(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else duration(seconds)


def _error(health: ServiceHealth, now: datetime) -> str:
    calls = health.calls
    when = _ago(calls.last_error_at, now)
    return f"{when}: {plain(calls.last_error)}" if calls.last_error else "-"


def _ago(at: datetime | None, now: datetime) -> str:
    return "never" if at is None else f"{duration((now - at).total_seconds())} ago"
