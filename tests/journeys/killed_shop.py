"""What the workloads of the crash matrix have in common: servers, a place of its own, what is there."""

import os
import tempfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

import coverage
from prefect.settings import get_current_settings, temporary_settings
from prefect.testing.utilities import prefect_test_harness

from mergewright.clients.local_forge import LocalForge
from mergewright.clients.sandbox import probe
from mergewright.clients.worktrees import record_tree
from mergewright.domain.delivery import Delivery
from mergewright.domain.events import Event, RunStarted
from mergewright.domain.pull_request import PullRequest
from mergewright.events.chain import verify_chain
from mergewright.events.connect import open_event_store
from mergewright.events.projections import costs, report_of
from mergewright.safety.secret_scan import scan_text
from mergewright.testing.crashes import Start, Traces
from mergewright.testing.messages_server import Body, MessagesServer
from tests.events.redis_process import RedisProcess, find_redis
from tests.flows import killed
from tests.journeys.places import git

LIGHT_SERVER = {
    "server.services.task_run_recorder.enabled": False,
    "server.services.event_persister.enabled": False,
    "server.services.triggers.enabled": False,
}
"""The server does not keep events of task runs: half of its work, and no second start reads them."""
USER = "Bob Ray <bob@example.com>"
"""The person at the machine."""


@contextmanager
def settled(place: Path, api: str, messages: str, event_store: str) -> Iterator[None]:
    """Have this process, which is a fresh one, work in a place."""
    os.environ.update(
        MERGEWRIGHT_EVENT_STORE=event_store,
        MERGEWRIGHT_HOLD_SECONDS="2",
        MERGEWRIGHT_DAILY_CAP_USD="1000000",
        MERGEWRIGHT_USER=USER,
        ANTHROPIC_BASE_URL=messages,
        ANTHROPIC_API_KEY=key_of(place),
    )
    with killed.settled(place, api):
        yield


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
class KilledShop(ABC):
    """A repository, and a server that answers for what is to be done there."""

    api: str
    messages: MessagesServer
    event_store: str = ""
    """URL of a log that all places share; empty gives each place a file of its own."""

    workflow: ClassVar[str]
    calls: ClassVar[int]
    """How many calls an undisturbed run pays."""
    least_points: ClassVar[int]
    """A run that passes less than this many points does not write down what it does any more."""
    deliver: ClassVar[Callable[[Path, str, str, str], None]]
    """Runs the workflow in this process, given the place and what `settled` is given."""
    place_of: ClassVar[Callable[[Body], tuple[str, int]]]
    """Names the stage and the turn that a request asks for."""
    reply: ClassVar[Callable[[Body, int], object]]
    """What the Messages server plays."""

    @abstractmethod
    def furnish(self, place: Path) -> None:
        """Make the repository `place / "greeting"`, and the ticket where there is one."""

    def effects(self, place: Path) -> dict[str, int]:
        """Count what only this workflow leaves."""
        return {}

    def state(self, place: Path, report: Delivery, events: list[Event]) -> dict[str, str]:
        """Name what only this workflow comes to."""
        return {}

    def prepare(self, place: Path) -> Start:
        self.furnish(place)
        deliver = type(self).deliver
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
        return Traces(
            calls=self._calls(place),
            effects=_effects(place) | self.effects(place),
            state=self._state(place, [entry.event for entry in stored]),
        )

    def _log(self, place: Path) -> str:
        return self.event_store or f"sqlite:///{place / 'home' / 'events.db'}"

    def _calls(self, place: Path) -> Counter[str]:
        sent = zip(self.messages.requests, self.messages.headers, strict=True)
        own = [
            body for body, headers in sent if headers["authorization"] == f"Bearer {key_of(place)}"
        ]
        return Counter("{} {}".format(*type(self).place_of(body)) for body in own)

    def _state(self, place: Path, log: list[Event]) -> dict[str, str]:
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
        key = report.ticket.key if report.ticket else ""
        own_state = {
            "branches": git(
                repository, "for-each-ref", "--format=%(refname:short) %(tree)", "refs/heads"
            ),
            **self.state(place, report, events),
        }
        return {
            "outcome": report.outcome,
            "error": report.error,
            "left": ", ".join(one.effect for one in report.left),
            "gates": ", ".join(f"{gate.name} {gate.status}" for gate in report.gates),
            "stages": ", ".join(sorted({stage.name for stage in report.stages})),
            "pull request": str(report.pull_request and report.pull_request.number),
            "diff": report.changeset.digest if report.changeset else "",
            **_worktrees(place / "home" / "runs" / run_id),
            "held back": str(costs(events).reserved_usd),
            **{name: _neutral(text, place, run_id, key) for name, text in own_state.items()},
        }


def _neutral(text: str, place: Path, run_id: str, key: str) -> str:
    """Take out of a text what is another one in each place."""
    text = text.replace(str(place), "").replace(run_id, "RUN")
    return text.replace(key, "KEY").replace(key.lower(), "key") if key else text


def _worktrees(folder: Path) -> dict[str, str]:
    return {path.name: record_tree(path) for path in sorted(folder.glob("worktree*"))}


def _effects(place: Path) -> dict[str, int]:
    repository, home = place / "greeting", place / "home"
    opened = pull_requests(place)
    pages = [path for path in (home / "pages").rglob("*.md") if ".versions" not in path.parts]
    return {
        "branch": len(git(repository, "for-each-ref", "refs/heads").splitlines()),
        "commit": int(git(repository, "rev-list", "--all", "--count")),
        "pull request": len(opened),
        "label": sum(len(one.labels) for one in opened),
        "reviewer": sum(len(one.reviewers) + len(one.team_reviewers) for one in opened),
        "assignee": sum(len(one.assignees) for one in opened),
        "commit with gates": len(list((place / "greeting.pulls").glob("gates-*.md"))),
        "page": len(pages),
        "earlier version of a page": len(list((home / "pages").rglob(".versions/*.md"))),
        "mail": len(list((home / "mailbox").glob("*.eml"))),
    }


def pull_requests(place: Path) -> tuple[PullRequest, ...]:
    """Return all pull requests to a place's repository, whatever they are about."""
    forge = LocalForge()
    files = (place / "greeting.pulls").glob("[0-9]*.md")
    numbers = sorted({int(path.name[:4]) for path in files})
    return tuple(forge.pull_request(str(place / "greeting"), number) for number in numbers)


def ticket_effects(place: Path) -> dict[str, int]:
    """Count what is left at a place's ticket GREET-1."""
    text = ticket_text(place)
    return {
        "comment": text.count("<!-- mergewright:comment "),
        "ticket link": text.count('-pull-request"'),
    }


def ticket_text(place: Path) -> str:
    """Return a place's ticket GREET-1 as its tracker has it; empty before it has one."""
    ticket = place / "home" / "tickets" / "GREET-1.md"
    return ticket.read_text() if ticket.exists() else ""


S = TypeVar("S", bound=KilledShop)


@contextmanager
def served(make: type[S], event_store: str = "") -> Iterator[S]:
    """Start a Prefect server and a Messages server for as long as the matrix runs."""
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "MERGEWRIGHT_"))]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as folder:
        changes = {"home": Path(folder), "server.analytics_enabled": False, **LIGHT_SERVER}
        with (
            temporary_settings(changes),
            prefect_test_harness(server_startup_timeout=180),
            MessagesServer(make.reply) as messages,
        ):
            yield make(str(get_current_settings().api.url), messages, event_store)


@contextmanager
def served_on_redis(make: type[S]) -> Iterator[S]:
    """Do the same with the log of all places in one Redis server."""
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisProcess(find_redis(), Path(folder)).start()
        try:
            with served(make, redis.url) as shop:
                yield shop
        finally:
            redis.kill()
