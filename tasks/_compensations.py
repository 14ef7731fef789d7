"""How each kind of effect is taken back, if it is as the run left it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mergewright.clients.code_host import ThreadReplying
from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.ports import Compensation, TicketLinking
from mergewright.clients.remotes import delete_branch, move_branch, remote_heads
from mergewright.domain.ticket import StatusCategory
from mergewright.domain.ticket_new import RELATION, TICKET
from mergewright.domain.undo import MESSAGE, REMARK, REPLY, UndoStep
from mergewright.errors import Rejected
from mergewright.settings import settings
from mergewright.texts.undo import closing_reason
from tasks import _traces as traces
from tasks._message_undone import take_message_back
from tasks._places import Place, trace_of
from tasks._ticket_undone import take_relation_back, take_ticket_back
from tasks._triage_effects import READY
from tasks._triage_undone import (
    take_assignment_back,
    take_gates_back,
    take_labels_back,
    take_ready_back,
    take_reviewers_back,
)
from tasks._workbench import credential_of

__all__ = ["Place", "compensate"]


def compensate(place: Place, step: UndoStep) -> Compensation:
    """Take one effect back if it is as the run left it.

    Raises:
        ServiceError: The service refused or did not answer.
        Rejected: The log does not tell what was there before.
    """
    known = _COMPENSATIONS.get(step.effect)
    if known is None:
        raise Rejected(
            f"Nothing is known about undoing the effect {step.effect!r}.",
            hint="Undo it with the version of Mergewright that made it.",
        )
    return known(place, step)


def _undo_branch(place: Place, step: UndoStep) -> Compensation:
    before = trace_of(traces.BranchBefore, step.before, step)
    wanted = trace_of(traces.BranchWanted, step.wanted, step)
    if before.commit is not None:
        return Compensation("already", "It was there before the run, which did not move it.")
    for other in place.so_far:
        # Where the branch goes, its pull request goes with it.
        is_its = (other.effect, other.target) == ("pull request", step.target)
        if is_its and other.outcome == "kept":
            return Compensation("kept", "Its pull request is kept.")
        if wanted.is_base and (other.effect, other.outcome) == ("pull request", "kept"):
            return Compensation("kept", "A pull request of the run, which is kept, may be for it.")
    credential = credential_of(place.profile, place.run.repository)
    mirror = ensure_mirror(place.run.repository, settings().home / "mirrors", credential=credential)
    return delete_branch(
        mirror,
        place.run.repository,
        branch=step.target,
        commit=wanted.commit,
        credential=credential,
        rehearse=place.rehearse,
    )


def _undo_pull_request(place: Place, step: UndoStep) -> Compensation:
    before = trace_of(traces.PullRequestBefore, step.before, step)
    wanted = trace_of(traces.PullRequestWanted, step.wanted, step)
    repository = place.run.repository
    host = place.profile.code_host.connect()
    if before.number is not None:
        return Compensation("kept", f"#{before.number} was open before the run.")
    known = host.pull_requests(repository, wanted.ticket_key)
    opened = [one.number for one in known if one.head == step.target and one.state == "open"]
    number = step.result["value"]["number"] if step.done else next(iter(opened), None)
    if number is None:
        return Compensation("already", "None is open.")
    if number in opened:
        credential = credential_of(place.profile, repository)
        head = remote_heads(repository, credential=credential).get(step.target)
        if head not in {None, wanted.head_commit}:
            return Compensation("kept", f"Its branch has commits of others: it holds {head}.")
    return host.close_pull_request(
        repository,
        number,
        head_commit=wanted.head_commit,
        reason=closing_reason(place.run.id),
        rehearse=place.rehearse,
    )


def _undo_page(place: Place, step: UndoStep) -> Compensation:
    before = trace_of(traces.PageBefore, step.before, step)
    draft = trace_of(traces.PageWanted, step.wanted, step).draft
    wiki = place.profile.wiki.connect()
    page = wiki.page(draft)
    made = step.result["value"]["version"] if step.done else (before.version or 0) + 1
    if made == before.version or (page and not step.done and page.version == before.version):
        return Compensation("already", "The run made no new version of it.")
    return wiki.restore(draft, version=made, before=before.version, rehearse=place.rehearse)


def _undo_comment(place: Place, step: UndoStep) -> Compensation:
    before = trace_of(traces.CommentBefore, step.before, step)
    form = traces.ProgressWanted if step.effect == "progress" else traces.CommentWanted
    wanted = trace_of(form, step.wanted, step)
    if _goes_first(place, wanted.key, "progress", "comment") and step.effect == "progress":
        return Compensation("undone", "What it said later goes first.")
    return place.profile.tracker.connect().remove_comment(
        wanted.key,
        marker=wanted.marker,
        body=wanted.body,
        earlier=before.body,
        rehearse=place.rehearse,
    )


def _goes_first(place: Place, key: str, *effects: str) -> bool:
    """Say whether a rehearsal found that what came upon an effect would be undone before it."""
    return place.rehearse and any(
        one.outcome == "undone"
        and one.effect in effects
        and (one.target == key or one.effect == "progress")
        for one in place.so_far
    )


def _undo_transition(place: Place, step: UndoStep) -> Compensation:
    before = trace_of(traces.TransitionBefore, step.before, step)
    wanted = trace_of(traces.TransitionWanted, step.wanted, step)
    if _goes_first(place, wanted.key, "transition") and step.effect == "start":
        return Compensation("undone", "Where it was moved later goes first.")
    made = step.result["value"] if step.done else wanted.status
    return place.profile.tracker.connect().transition_back(
        wanted.key or step.target,
        made=StatusCategory(made),
        before=before.status,
        rehearse=place.rehearse,
    )


def _undo_link(place: Place, step: UndoStep) -> Compensation:
    wanted = trace_of(traces.LinkWanted, step.wanted, step)
    tracker = place.profile.tracker.connect()
    if not isinstance(tracker, TicketLinking):
        return Compensation("kept", "The profile's tracker keeps no links.")
    return tracker.unlink(
        wanted.key, wanted.url, wanted.title, marker=wanted.marker, rehearse=place.rehearse
    )


def _undo_commit(place: Place, step: UndoStep) -> Compensation:
    """Move the branch back, if it still holds the commit that the run pushed."""
    before = trace_of(traces.CommitBefore, step.before, step)
    wanted = trace_of(traces.CommitWanted, step.wanted, step)
    repository = place.run.repository
    credential = credential_of(place.profile, repository)
    mirror = ensure_mirror(repository, settings().home / "mirrors", credential=credential)
    held = remote_heads(repository, credential=credential).get(wanted.branch)
    if held is None:
        return Compensation("already", "The branch is not there any more.")
    if held == before.commit:
        return Compensation("already", f"The branch holds {held[:12]}, as before.")
    if held != wanted.commit:
        return Compensation("kept", f"The branch has commits of others: it holds {held[:12]}.")
    if not place.rehearse:
        move_branch(
            mirror,
            repository,
            branch=wanted.branch,
            expected=wanted.commit,
            commit=before.commit,
            credential=credential,
        )
    return Compensation("undone", f"The branch is back at {before.commit[:12]}.")


def _undo_text(place: Place, step: UndoStep) -> Compensation:
    """Give a pull request its earlier text, if it still offers what the run pushed."""
    before = trace_of(traces.PullRequestText, step.before, step)
    wanted = trace_of(traces.PullRequestText, step.wanted, step)
    host = place.profile.code_host.connect()
    there = host.pull_request(place.run.repository, wanted.number)
    if there.state != "open":
        return Compensation("kept", f"The pull request is {there.state}.", there.url)
    if there.head_commit not in {"", wanted.draft.head_commit, before.draft.head_commit}:
        return Compensation("kept", "It offers other commits now.", there.url)
    if not place.rehearse:
        host.open_pull_request(before.draft)
    return Compensation("undone", "It says again what it said before.", there.url)


def _undo_workflow(place: Place, step: UndoStep) -> Compensation:
    number = int(step.result["value"]["id"]) if step.done else 0
    if not number:
        return Compensation("kept", "The log does not tell which run of the workflow it is.")
    host = place.profile.code_host.connect()
    return host.cancel_workflow(place.run.repository, number, rehearse=place.rehearse)


def _undo_remark(place: Place, step: UndoStep) -> Compensation:
    wanted = trace_of(traces.RemarkWanted, step.wanted, step)
    return place.profile.code_host.connect().remove_remark(
        place.run.repository,
        wanted.number,
        marker=wanted.marker,
        body=wanted.body,
        rehearse=place.rehearse,
    )


def _undo_reply(place: Place, step: UndoStep) -> Compensation:
    wanted = trace_of(traces.ReplyWanted, step.wanted, step)
    host = place.profile.code_host.connect()
    if not isinstance(host, ThreadReplying):
        return Compensation("kept", "The profile's code host has no threads.")
    return host.remove_reply(
        place.run.repository,
        wanted.number,
        wanted.thread,
        marker=wanted.marker,
        body=wanted.body,
        rehearse=place.rehearse,
    )


_COMPENSATIONS: Mapping[str, Callable[[Place, UndoStep], Compensation]] = MappingProxyType(
    {
        "branch": _undo_branch,
        "commit": _undo_commit,
        "pull request text": _undo_text,
        "workflow": _undo_workflow,
        REMARK: _undo_remark,
        REPLY: _undo_reply,
        "pull request": _undo_pull_request,
        "page": _undo_page,
        "comment": _undo_comment,
        "progress": _undo_comment,
        "transition": _undo_transition,
        "start": _undo_transition,
        "ticket link": _undo_link,
        TICKET: take_ticket_back,
        RELATION: take_relation_back,
        READY: take_ready_back,
        "labels": take_labels_back,
        "reviewers": take_reviewers_back,
        "assignment": take_assignment_back,
        "gates": take_gates_back,
        MESSAGE: take_message_back,
    }
)
