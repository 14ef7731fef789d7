"""standard_dev on a tiny repository, as a workload of the crash matrix.

`python -m mergewright.testing.crashes tests.journeys.greeting_shop:opened` tries every point.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import coverage
from prefect.settings import get_current_settings, temporary_settings
from prefect.testing.utilities import prefect_test_harness

from flows.standard_dev import standard_dev
from mergewright.clients.local_forge import LocalForge
from mergewright.clients.sandbox import probe
from mergewright.clients.worktrees import record_tree
from mergewright.domain.events import Event, RunStarted
from mergewright.domain.requests import StandardDevRequest
from mergewright.events.chain import verify_chain
from mergewright.events.connect import open_event_store
from mergewright.events.projections import costs, report_of
from mergewright.safety.secret_scan import scan_text
from mergewright.testing.crashes import Start, Traces
from mergewright.testing.messages_server import MessagesServer
from tests.events.redis_process import RedisProcess, find_redis
from tests.journeys.greeting_answers import FILES, TICKET, place_of, reply
from tests.journeys.places import MODEL, commit_all, git

LIGHT_SERVER = {
    "server.services.task_run_recorder.enabled": False,
    "server.services.event_persister.enabled": False,
    "server.services.triggers.enabled": False,
}
"""The server does not keep events of task runs: half of its work, and no second start reads them."""


POLICY = "reviewers: [zoe, org/greeters]\npull_requests: {assignees: [ada]}\n"
"""So that the pull request is given all that one can be given."""


def deliver(place: Path, api: str, messages: str, event_store: str) -> None:
    """Run the flow in this process, which is a fresh one."""
    os.environ.update(
        MERGEWRIGHT_HOME=str(place / "home"),
        MERGEWRIGHT_EVENT_STORE=event_store,
        MERGEWRIGHT_HOLD_SECONDS="2",
        MERGEWRIGHT_DAILY_CAP_USD="1000000",
        ANTHROPIC_BASE_URL=messages,
        ANTHROPIC_API_KEY=key_of(place),
    )
    changes = {
        "home": place / "prefect",
        "api.url": api,
        "results.local_storage_path": place / "results",
        "flows.heartbeat_frequency": None,
        "logging.to_api.enabled": False,
    }
    with temporary_settings(changes):
        standard_dev(
            StandardDevRequest(
                ticket=str(place / "GREET-1.md"), repository=str(place / "greeting"), model=MODEL
            )
        )


def warm_up() -> None:
    """Try the sandbox and load the rules of the secret scan once for all runs."""
    # a process that is killed writes no coverage down; measuring it would only cost
    if measuring := coverage.Coverage.current():
        measuring.stop()
    probe()
    scan_text("nothing", "")


def key_of(place: Path) -> str:
    """Return the key by which the Messages server tells one place's calls from another's."""
    return f"sk-ant-{place.parent.name}"


@dataclass(frozen=True)
class GreetingShop:
    """A repository of two files, a ticket, and a server that answers six calls."""

    api: str
    messages: MessagesServer
    event_store: str = ""
    """URL of a log that all places share; empty gives each place a file of its own."""

    def prepare(self, place: Path) -> Start:
        repository = place / "greeting"
        repository.mkdir()
        git(repository, "init", "--quiet", "--initial-branch", "main")
        for name, text in FILES.items():
            (repository / name).write_text(text)
        (repository / ".mergewright.yml").write_text(POLICY)
        commit_all(repository, "Greet")
        (place / "GREET-1.md").write_text(TICKET)
        return Start(
            run=partial(deliver, place, self.api, self.messages.url, self._log(place)),
            event_store_url=self._log(place),
            warm_up=warm_up,
        )

    def look(self, place: Path) -> Traces:
        store = open_event_store(self._log(place))
        stored = store.read()
        store.close()
        verify_chain(stored)
        state = _state(place, [entry.event for entry in stored])
        return Traces(calls=self._calls(place), effects=_effects(place), state=state)

    def _log(self, place: Path) -> str:
        return self.event_store or f"sqlite:///{place / 'home' / 'events.db'}"

    def _calls(self, place: Path) -> Counter[str]:
        sent = zip(self.messages.requests, self.messages.headers, strict=True)
        own = [
            body for body, headers in sent if headers["authorization"] == f"Bearer {key_of(place)}"
        ]
        return Counter("{} {}".format(*place_of(body)) for body in own)


def _effects(place: Path) -> dict[str, int]:
    repository, home = place / "greeting", place / "home"
    ticket = home / "tickets" / "GREET-1.md"
    pages = home / "pages" / "deliveries"
    opened = LocalForge().pull_requests(str(repository), "GREET-1")
    text = ticket.read_text() if ticket.exists() else ""
    return {
        "branch": len(git(repository, "for-each-ref", "refs/heads").splitlines()),
        "commit": int(git(repository, "rev-list", "--all", "--count")),
        "pull request": len(opened),
        "label": sum(len(one.labels) for one in opened),
        "reviewer": sum(len(one.reviewers) + len(one.team_reviewers) for one in opened),
        "assignee": sum(len(one.assignees) for one in opened),
        "commit with gates": len(list((place / "greeting.pulls").glob("gates-*.md"))),
        "comment": text.count("<!-- mergewright:comment "),
        "ticket link": text.count('-pull-request"'),
        "page": len(list(pages.glob("*.md"))),
        "earlier version of the page": len(list((pages / ".versions").glob("*.md"))),
        "mail": len(list((home / "mailbox").glob("*.eml"))),
    }


def _state(place: Path, log: list[Event]) -> dict[str, str]:
    repository = place / "greeting"
    own = [
        event.run_id
        for event in log
        if isinstance(event, RunStarted) and event.repository == str(repository)
    ]
    run_id = own[0] if own else ""
    events = [event for event in log if event.run_id == run_id]
    report = report_of(events)
    if report is None:
        return {"report": "there is none"}
    worktree = place / "home" / "runs" / run_id / "worktree"
    return {
        "outcome": report.outcome,
        "error": report.error,
        "gates": ", ".join(f"{gate.name} {gate.status}" for gate in report.gates),
        "stages": ", ".join(sorted({stage.name for stage in report.stages})),
        "pull request": str(report.pull_request and report.pull_request.number),
        "page": str(report.page and report.page.version),
        "diff": report.changeset.digest if report.changeset else "",
        "worktree": record_tree(worktree) if worktree.exists() else "",
        "branches": git(
            repository, "for-each-ref", "--format=%(refname:short) %(tree)", "refs/heads"
        ),
        "held back": str(costs(events).reserved_usd),
        "ticket": (place / "home" / "tickets" / "GREET-1.md").read_text().split("\n---\n")[0]
        .replace(str(place), "").replace(run_id, "RUN"),
    }  # fmt: skip


@contextmanager
def opened(event_store: str = "") -> Iterator[GreetingShop]:
    """Start a Prefect server and a Messages server for as long as the matrix runs."""
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "MERGEWRIGHT_"))]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as folder:
        changes = {"home": Path(folder), "server.analytics_enabled": False, **LIGHT_SERVER}
        with (
            temporary_settings(changes),
            prefect_test_harness(server_startup_timeout=180),
            MessagesServer(reply) as messages,
        ):
            yield GreetingShop(str(get_current_settings().api.url), messages, event_store)


@contextmanager
def on_redis() -> Iterator[GreetingShop]:
    """Do the same with the log of all places in one Redis server."""
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisProcess(find_redis(), Path(folder)).start()
        try:
            with opened(redis.url) as shop:
                yield shop
        finally:
            redis.kill()
