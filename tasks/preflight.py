"""The first stage of a run: every service that it needs is asked once, before a model is paid."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from blocks.loading import load_messenger
from blocks.profile import DeliveryProfile
from blocks.profile_checks import check_block
from mergewright.clients.remotes import head_state, remote_heads
from mergewright.domain.access import Access
from mergewright.domain.delivery import Run
from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value
from mergewright.errors import (
    ConfigError,
    MergewrightError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    StoreFailed,
)
from mergewright.safety.redaction import redact
from tasks._policies import stage
from tasks._runs import journal_of, policy_of, profile_of
from tasks._workbench import credential_of
from tasks.notices import ticket_of

STAGE = "preflight"
_PASSING = (ServiceUnavailable, RateLimited)
"""Failures of which nobody set up anything wrongly."""


class Preflight(Value):
    """What the services said before the run began to work."""

    warnings: tuple[str, ...] = ()
    """What is wrong and does not keep the run from its work."""


class _Question(NamedTuple):
    part: str
    ask: Callable[[], object]
    is_needed: bool
    """Whether no run can do without it; of the others only a wrong set-up stops a run."""
    of: str = ""
    """The service, where it is another name than the part."""

    @property
    def service(self) -> str:
        """Whose answer it is: one that does not answer is not asked a second time."""
        return self.of or self.part


@stage("Ask the services", kept=False, repeats=0)
def ask_services(run: Run) -> Preflight:
    """Ask each service of the profile once, and tell at once all that is wrong.

    Tracker, code host and repository must answer. Wiki and messengers need not, but a channel that
    does not exist or a space that may not be written to stops a run that has done nothing yet.

    Raises:
        ServiceError: Something that the run needs does not answer, refuses, or is set up wrongly.
        ConfigError: The same, if it is the only fault.
        StoreFailed: The log cannot be read or written.
    """
    profile = profile_of(run)
    journal = journal_of(run, STAGE, profile)
    warnings = look_at(run, profile, has_begun=ticket_of(run) is not None)
    for warning in warnings:
        journal.note(warning)
    return Preflight(warnings=warnings)


def look_at(run: Run, profile: DeliveryProfile, *, has_begun: bool) -> tuple[str, ...]:
    """Ask each service of a profile once; return what is wrong and stops nothing.

    Raises:
        ServiceError: Something that the run needs does not answer, refuses, or is set up wrongly.
        ConfigError: The same, if it is the only fault.
    """
    faults: list[tuple[str, MergewrightError]] = []
    warnings: list[str] = []
    silent: set[str] = set()
    for question in _questions(run, profile):
        if question.service in silent:
            continue
        error = _answer(question, warnings)
        if error is None:
            continue
        if isinstance(error, _PASSING):
            silent.add(question.service)
        stops = question.is_needed or not (has_begun or isinstance(error, _PASSING))
        if stops:
            faults.append((question.part, error))
        else:
            warnings.append(
                f"{question.part}: {error.message.rstrip('.')}. The run goes on without it."
            )
    if faults:
        raise _all_of(faults)
    return tuple(map(redact, warnings))


def _questions(run: Run, profile: DeliveryProfile) -> Iterator[_Question]:
    tracker, host, wiki = profile.tracker, profile.code_host, profile.wiki
    found: list[Ticket] = []
    if policy_of(run).ticket:
        yield _Question("tracker", lambda: check_block(tracker), is_needed=True)
        yield _Question(
            "ticket",
            lambda: found.append(tracker.connect().ticket(run.ticket)),
            is_needed=True,
            of="tracker",
        )
    yield _Question("code host", lambda: check_block(host), is_needed=True)
    yield _Question(
        "pull requests",
        lambda: [host.connect().pull_requests(run.repository, ticket.key) for ticket in found],
        is_needed=True,
        of="code host",
    )
    yield _Question("repository", lambda: _look_at_repository(run, profile), is_needed=True)
    if run.dry_run:
        return
    yield _Question("wiki", lambda: check_block(wiki), is_needed=False)
    yield _Question("messenger", lambda: check_block(profile.messenger), is_needed=False)
    for name in profile.messengers:
        yield _Question(
            f"messenger {name}",
            partial(_check_messenger, name),
            is_needed=False,
        )


def _look_at_repository(run: Run, profile: DeliveryProfile) -> object:
    """Ask where the base is; a workflow that works on a release looks for it later, among the tags."""
    credential = credential_of(profile, run.repository)
    if policy_of(run).release is not None:
        return remote_heads(run.repository, credential=credential)
    return head_state(run.repository, run.base, credential=credential)


def _check_messenger(name: str) -> object:
    return check_block(load_messenger(name))


def _answer(question: _Question, warnings: list[str]) -> MergewrightError | None:
    """Ask; note permissions that are missing, and return what is wrong."""
    try:
        access = question.ask()
    except StoreFailed:
        raise
    except MergewrightError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a service's package may raise anything: one line of many
        return ServiceUnavailable(
            redact(f"{type(error).__name__}: {error}"),
            hint="Look into the package that the service comes from.",
        )
    if isinstance(access, Access):
        warnings.extend(f"{question.part}: {redact(one)} is missing." for one in access.missing)
    return None


def _all_of(faults: list[tuple[str, MergewrightError]]) -> MergewrightError:
    """Return the one fault as it is, or one error that names them all."""
    different = {error.message: (part, error) for part, error in reversed(faults)}
    if len(different) == 1:
        ((_, only),) = different.values()
        return only
    ordered = list(reversed(different.values()))
    told = " ".join(
        f"({number}) {part}: {error.message}" for number, (part, error) in enumerate(ordered, 1)
    )
    hints = " ".join(
        f"({number}) {error.hint}" for number, (_, error) in enumerate(ordered, 1) if error.hint
    )
    kind = (
        ConfigError if all(isinstance(error, ConfigError) for _, error in ordered) else ServiceError
    )
    return kind(
        f"{len(ordered)} things are wrong, and nothing was paid or changed: {told}", hint=hints
    )
