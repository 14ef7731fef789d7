"""How each kind of effect is taken back, if it is as the run left it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from blocks.profile import DeliveryProfile
from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.ports import Compensation
from mergewright.clients.remotes import delete_branch, remote_heads
from mergewright.domain.delivery import Run
from mergewright.domain.ticket import StatusCategory
from mergewright.domain.undo import MESSAGE, STAGE, UndoneEffect, UndoStep
from mergewright.domain.value import Value
from mergewright.errors import Rejected
from mergewright.events.undo_list import CORRECTION
from mergewright.settings import settings
from mergewright.texts.undo import closing_reason, correction
from tasks import _traces as traces
from tasks._effects import perform
from tasks._runs import journal_of
from tasks._workbench import credential_of

F = TypeVar("F", bound=Value)


class Place(NamedTuple):
    """Where an effect is undone, and what came of those before it."""

    run: Run
    profile: DeliveryProfile
    so_far: tuple[UndoneEffect, ...]
    rehearse: bool
    """Only look, and say what would come of it."""


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


def _trace(form: type[F], fields: Mapping[str, Any], step: UndoStep) -> F:
    try:
        return form.model_validate(fields)
    except ValidationError as error:
        raise Rejected(
            f"The log does not tell what there was before the {step.effect} {step.target!r}.",
            hint="Another version of Mergewright made it; take it back by hand.",
        ) from error


def _undo_branch(place: Place, step: UndoStep) -> Compensation:
    before = _trace(traces.BranchBefore, step.before, step)
    wanted = _trace(traces.BranchWanted, step.wanted, step)
    if before.commit is not None:
        return Compensation("already", "It was there before the run, which did not move it.")
    for other in place.so_far:
        # Where the branch goes, its pull request goes with it.
        is_its = (other.effect, other.target) == ("pull request", step.target)
        if is_its and other.outcome == "kept":
            return Compensation("kept", "Its pull request is kept.")
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
    before = _trace(traces.PullRequestBefore, step.before, step)
    wanted = _trace(traces.PullRequestWanted, step.wanted, step)
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
    before = _trace(traces.PageBefore, step.before, step)
    draft = _trace(traces.PageWanted, step.wanted, step).draft
    wiki = place.profile.wiki.connect()
    page = wiki.page(draft)
    made = step.result["value"]["version"] if step.done else (before.version or 0) + 1
    if made == before.version or (page and not step.done and page.version == before.version):
        return Compensation("already", "The run made no new version of it.")
    return wiki.restore(draft, version=made, before=before.version, rehearse=place.rehearse)


def _undo_comment(place: Place, step: UndoStep) -> Compensation:
    before = _trace(traces.CommentBefore, step.before, step)
    wanted = _trace(traces.CommentWanted, step.wanted, step)
    return place.profile.tracker.connect().remove_comment(
        wanted.key,
        marker=wanted.marker,
        body=wanted.body,
        earlier=before.body,
        rehearse=place.rehearse,
    )


def _undo_transition(place: Place, step: UndoStep) -> Compensation:
    before = _trace(traces.TransitionBefore, step.before, step)
    wanted = _trace(traces.TransitionWanted, step.wanted, step)
    made = step.result["value"] if step.done else wanted.status
    return place.profile.tracker.connect().transition_back(
        step.target, made=StatusCategory(made), before=before.status, rehearse=place.rehearse
    )


def _undo_message(place: Place, step: UndoStep) -> Compensation:
    """Send a correction: what people have read cannot be taken back."""
    wanted = _trace(traces.MessageWanted, step.wanted, step)
    others = [one for one in place.so_far if one.effect != MESSAGE]
    if others and all(one.outcome == "kept" for one in others):
        return Compensation("kept", "Nothing was taken back, so what people were told holds.")
    if place.rehearse:
        return Compensation("impossible", "A message stays sent; a correction would follow it.")
    notice = correction(place.run.id, subject=wanted.subject, url=wanted.url, effects=place.so_far)
    messenger = place.profile.messenger.connect()
    marker = f"{wanted.marker}-undone"
    sent = perform(
        journal_of(place.run, STAGE, place.profile),
        effect=CORRECTION,
        target=marker,
        form=str,
        wanted=traces.MessageWanted(marker=marker, subject=notice.subject, url=notice.url),
        act=lambda: messenger.send(notice, marker=marker),
        reference=str,
    )
    return Compensation("impossible", "A message stays sent; a correction followed it.", sent)


_COMPENSATIONS: Mapping[str, Callable[[Place, UndoStep], Compensation]] = MappingProxyType(
    {
        "branch": _undo_branch,
        "pull request": _undo_pull_request,
        "page": _undo_page,
        "comment": _undo_comment,
        "transition": _undo_transition,
        MESSAGE: _undo_message,
    }
)
