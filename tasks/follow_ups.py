"""Stages of a run that goes on with an open pull request: what people said that nobody has answered."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import ValidationError

from mergewright.clients import trees
from mergewright.clients.mirrors import resolve_base
from mergewright.clients.remotes import remote_heads
from mergewright.clients.tree_merges import common_ancestor
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.documentation_request import DOCSTRINGS
from mergewright.domain.events import EffectDone, EffectIntended, EffectUndone, RunStarted
from mergewright.domain.pull_request import PullRequest, ReviewComment
from mergewright.domain.requests import FollowUpRequest, FollowUpWork
from mergewright.domain.undo import REMARK, REPLY
from mergewright.domain.value import Value
from mergewright.domain.workspace import Workspace
from mergewright.errors import NotFound, NotReady, StoreFailed
from mergewright.events import projections
from mergewright.events.store import EventStore
from mergewright.events.undo_list import intent_key
from tasks._facts import pinned
from tasks._policies import stage
from tasks._runs import event_store, journal_of, profile_of
from tasks._traces import RemarkWanted, ReplyWanted
from tasks._workbench import credential_of
from tasks.workspace import fetch_mirror, mirror_with

_FORMS: Mapping[str, type[RemarkWanted]] = MappingProxyType(
    {REMARK: RemarkWanted, REPLY: ReplyWanted}
)
"""What the log holds of each kind of answer."""


class Reviewed(Value):
    """What a follow-up begins with: the pull request as it is, and what people want of it."""

    pull_request: PullRequest
    head: str
    """Commit of its branch, by whomever."""
    base_commit: str
    """Where the branch and its base part."""
    comments: tuple[ReviewComment, ...]
    """Those that nobody has answered yet, oldest first."""


def recall_delivery(run_id: str) -> Delivery:
    """Return the report of the run whose pull request is gone on with.

    Raises:
        NotFound: The log holds no run of this id.
        NotReady: The run opened no pull request.
        StoreFailed: The log cannot be read.
    """
    events = projections.read_events(event_store(), run_id)
    if not events:
        raise NotFound(
            f"There is no run {run_id!r} in the log.", hint="See which there are: mergewright runs"
        )
    report = projections.report_of(events)
    if report is not None and report.changeset is None and report.follows:
        return recall_delivery(report.follows)
    if report is None or report.pull_request is None or report.changeset is None:
        raise NotReady(
            f"The run {run_id!r} opened no pull request: there is nothing to go on with.",
            hint=f"See how far it came: mergewright show {run_id}",
            run_id=run_id,
        )
    return report


def work_of(first: Delivery, request: FollowUpRequest) -> FollowUpWork:
    """Return what is to be done, with what the first run was asked for.

    Raises:
        StoreFailed: The log does not tell how the first run began.
    """
    stored = event_store().read(run_id=first.run_id, types=("run_started",))
    starts = [found.event for found in stored if isinstance(found.event, RunStarted)]
    asked = dict(starts[-1].request) if starts else {}
    given = request.model_dump(exclude={"run_id", "profile", "model"})
    chosen = {name: getattr(request, name) for name in ("profile", "model")}
    given |= {name: value for name, value in chosen.items() if value}
    if starts:
        places = {"ticket": starts[-1].ticket, "repository": first.repository, "base": first.base}
        asked |= {name: value for name, value in places.items() if value}
        own = DOCSTRINGS if asked.get("docstrings") else starts[-1].workflow
        asked["policy"] = asked.get("policy") or own
    asked |= {**given, "follows": first.run_id}
    try:
        return FollowUpWork.model_validate(asked)
    except ValidationError as error:
        raise StoreFailed(
            f"The request of the run {first.run_id!r} cannot be read: {error.errors()[0]['msg']}.",
            hint="Go on with it in the version of Mergewright that wrote it.",
            run_id=first.run_id,
        ) from error


@stage("Read the review comments", kept=False)
def read_reviews(run: Run, first: Delivery) -> Reviewed:
    """Return what people said about the pull request and nobody has answered, and where it is now.

    Only members and collaborators are heard, unless the profile answers anyone. A follow-up keeps
    what it found when it began.

    Raises:
        NotReady: The pull request is not open any more, or its branch is gone.
        ServiceError: The code host or repository refused or did not answer.
        StoreFailed: The log cannot be read or written.
    """
    journal = journal_of(run, "reviews")
    found = pinned(journal, "reviews", Reviewed, lambda: _find(run, first))
    mirror_with(run, found.head)
    journal.note(f"{len(found.comments)} comments to answer")
    return found


def _find(run: Run, first: Delivery) -> Reviewed:
    profile = profile_of(run)
    host = profile.code_host.connect()
    number = first.pull_request.number if first.pull_request else 0
    there = host.pull_request(run.repository, number)
    if there.state != "open":
        raise NotReady(
            f"The pull request #{number} is {there.state}: there is nothing to go on with.",
            hint="Open it again, or start another run for what is missing.",
        )
    known = _answered(event_store(), run.repository, number)
    comments = tuple(
        comment
        for comment in host.review_comments(run.repository, number)
        if (comment.member or profile.answer_anyone) and comment.id not in known
    )
    heads = remote_heads(run.repository, credential=credential_of(profile, run.repository))
    head = heads.get(first.branch)
    if head is None:
        raise NotReady(
            f"The branch {first.branch!r} of the pull request #{number} is gone.",
            hint="Restore it, or start another run for the ticket.",
        )
    mirror = fetch_mirror(run)
    base = common_ancestor(mirror, head, resolve_base(mirror, run.base))
    return Reviewed(
        pull_request=there,
        head=head,
        base_commit=base or first.base_commit,
        comments=comments,
    )


def _answered(store: EventStore, repository: str, number: int) -> frozenset[str]:
    """Return the ids of comments on a pull request that any run has answered."""
    meant: dict[tuple[str, str], tuple[str, ...]] = {}
    done: set[tuple[str, str]] = set()
    types = ("effect_intended", "effect_done", "effect_undone")
    for stored in store.read(types=types):
        event = stored.event
        if isinstance(event, EffectIntended) and event.effect in _FORMS:
            wanted = _FORMS[event.effect].model_validate(event.wanted)
            if (wanted.repository, wanted.number) == (repository, number):
                meant[event.run_id, intent_key(event)] = wanted.answers
        elif isinstance(event, EffectDone):
            done.add((event.run_id, event.key))
        elif isinstance(event, EffectUndone) and event.key:
            done.discard((event.run_id, event.effect_key))
    return frozenset(one for key, answers in meant.items() if key in done for one in answers)


def read_branch(workspace: Workspace, head: str, first: Delivery) -> Changeset:
    """Return the change that the branch holds now, by whomever, as the first run summed it up.

    Raises:
        NotReady: The first run made no change.
        NotFound: The mirror does not hold the commit.
    """
    if first.changeset is None:
        raise NotReady(f"The run {first.run_id!r} made no change.")
    mirror, base = workspace.mirror, workspace.base_commit
    return Changeset(
        base_commit=base,
        tree=trees.tree_of(mirror, head),
        diff=trees.diff(mirror, base, head),
        files=trees.changed_files(mirror, base, head),
        summary=first.changeset.summary,
    )
