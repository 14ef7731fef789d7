"""What a run decides about its pull request when it is about to open it; it decides once."""

import re
from collections.abc import Mapping

from mergewright.analysis.owners import MAX_OWNERS_BYTES, OWNERS_FILES, OwnerRule, read_owners
from mergewright.analysis.reviewers import Candidates, choose_reviewers
from mergewright.clients import trees
from mergewright.clients.code_host import ReviewCounting
from mergewright.clients.history import recent_authors
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Run
from mergewright.domain.ticket import StatusCategory, Ticket, TicketKind
from mergewright.domain.triage import Triage
from mergewright.domain.workspace import Workspace
from mergewright.errors import ServiceError
from mergewright.events.journal import Journal
from mergewright.safety.policy import matches_glob
from mergewright.safety.repository_policy import RepositoryPolicy
from tasks._facts import pinned
from tasks._runs import profile_of
from tasks._workbench import read_policy

TRIAGE = "triage"
"""Name of the fact and of the stage."""
KIND_LABELS = {
    TicketKind.BUG: "bug",
    TicketKind.FEATURE: "feature",
    TicketKind.DOCUMENTATION: "documentation",
}
MAX_LABEL_CHARACTERS = 50
"""Source: GitHub answers 422 to a longer name; docs.github.com/en/rest/issues/labels, 2026-11-20."""

_MILESTONE = re.compile(r"in the milestone (?P<quote>['\"])(?P<title>.+)(?P=quote)")
_MAIL = re.compile(r"<(?P<mail>[^<>]+)>")


def decide(
    run: Run, journal: Journal, workspace: Workspace, ticket: Ticket, changeset: Changeset
) -> Triage:
    """Return what the pull request is to be given; a run decides once and keeps to it.

    Raises:
        SettingInvalid: The repository's policy file is wrong.
        NotFound: The mirror is gone.
        StoreFailed: The log cannot be read or written.
    """
    return pinned(
        journal, TRIAGE, Triage, lambda: _decided(run, journal, workspace, ticket, changeset)
    )


def _decided(
    run: Run, journal: Journal, workspace: Workspace, ticket: Ticket, changeset: Changeset
) -> Triage:
    policy = read_policy(workspace.mirror, workspace.base_commit)
    rules = policy.pull_requests
    asked, suggested = choose_reviewers(
        _candidates(run, journal, workspace, changeset, policy), at_most=rules.max_reviewers
    )
    if rules.draft and not rules.ready_when_green:
        # Nobody is asked about a draft.
        asked, suggested = (), (*asked, *suggested)
    return Triage(
        labels=labels_of(ticket, tuple(file.path for file in changeset.files), policy),
        reviewers=asked,
        suggested=suggested,
        assignees=rules.assignees,
        milestone=rules.milestone or milestone_of(ticket),
        draft=rules.draft,
        ready_when_green=rules.draft and rules.ready_when_green,
    )


def labels_of(ticket: Ticket, paths: tuple[str, ...], policy: RepositoryPolicy) -> tuple[str, ...]:
    """Return the labels of a pull request: of its ticket, by its kind, by the files it touches."""
    kinds = {**KIND_LABELS, **policy.labels.kinds}
    by_path = [
        label
        for glob, label in policy.labels.paths.items()
        if any(matches_glob(path, glob) for path in paths)
    ]
    # Where an issue stands is a label at GitHub, and says nothing about its pull request.
    own = [label for label in ticket.labels if label.casefold() not in set(StatusCategory)]
    wanted = [*own, kinds.get(ticket.kind, ""), *by_path]
    plain = (" ".join(label.split()) for label in wanted)
    known: dict[str, str] = {}
    for label in plain:
        if label and len(label) <= MAX_LABEL_CHARACTERS:
            known.setdefault(label.casefold(), label)
    return tuple(known.values())


def _candidates(
    run: Run, journal: Journal, workspace: Workspace, changeset: Changeset, policy: RepositoryPolicy
) -> Candidates:
    old = [file.path for file in changeset.files if file.status != "added"]
    mail = _MAIL.search(profile_of(run).author)
    return Candidates(
        paths=[file.path for file in changeset.files],
        rules=_owner_rules(workspace),
        named=policy.reviewers,
        touches=recent_authors(workspace.mirror, workspace.base_commit, old),
        logins=policy.pull_requests.logins,
        never=[mail["mail"]] if mail else [],
        open_reviews=_open_reviews(run, journal),
    )


def _owner_rules(workspace: Workspace) -> tuple[OwnerRule, ...]:
    for path in OWNERS_FILES:
        body = trees.read_blob(workspace.mirror, workspace.base_commit, path)
        if body is not None:
            return read_owners(body.decode("utf-8", "replace")) if _is_small(body) else ()
    return ()


def _is_small(body: bytes) -> bool:
    return len(body) <= MAX_OWNERS_BYTES


def _open_reviews(run: Run, journal: Journal) -> Mapping[str, int]:
    """Return how many pull requests wait for whom, as far as the code host can say."""
    host = profile_of(run).code_host.connect()
    if not isinstance(host, ReviewCounting):
        return {}
    try:
        return host.open_reviews(run.repository)
    except ServiceError as error:
        journal.note(f"Reviewers are chosen without knowing who is busy: {error.message}")
        return {}


def milestone_of(ticket: Ticket) -> str:
    """Return the milestone that a ticket's links name; empty when they name none."""
    found = (_MILESTONE.fullmatch(link) for link in ticket.links)
    return next((one["title"] for one in found if one), "")
