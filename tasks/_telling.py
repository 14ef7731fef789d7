"""Telling people of one event of a run, once and by each way they want; nothing here stops a run.

The first message of a run is the thread of its later ones, on each channel for itself. It is found in
the log, so that it is the same after an interruption and on another machine. What could not be told
stays in the log with its text, and is told later (`mergewright effects retry`).
"""

from collections.abc import Iterable, Iterator

from blocks.profile import DeliveryProfile
from mergewright.clients.ports import Effect, Messenger, NoteTaking
from mergewright.domain.delivery import Run
from mergewright.domain.events import EffectDone
from mergewright.domain.notice import Notice, NoticeEvent, NoticePolicy
from mergewright.domain.recipients import Telling, audience
from mergewright.domain.undo import MESSAGE
from mergewright.errors import MergewrightError, PostUncertain, RunInterrupted, StoreFailed
from mergewright.events.journal import Journal, utc_now
from mergewright.events.undo_list import STATUS_MESSAGE
from mergewright.safety.outgoing import without_secrets
from mergewright.safety.redaction import redact
from tasks._channels import channel_of, connect_channel, team_channels
from tasks._effects import effect_key, perform, put_off
from tasks._runs import journal_of, profile_of
from tasks._traces import MessageWanted

_BY = " by "
REPLAY = "replay"
"""The workflow that tells nobody: what it does was told when it was done first."""


def tell(run: Run, notice: Notice, *, about: str, stage_id: str) -> None:
    """Tell people of an event, if the profile wants that and they were not told before.

    Args:
        run: The run; a rehearsal and a replay tell nobody.
        notice: What to tell.
        about: What makes it the same message: the event, and what else tells two of them apart.
        stage_id: The stage in which it happens.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    if run.dry_run or run.workflow == REPLAY:
        return
    profile = profile_of(run)
    tell_by(profile, journal_of(run, stage_id, profile), notice, about=about)


def tell_by(profile: DeliveryProfile, journal: Journal, notice: Notice, *, about: str) -> None:
    """Tell people of an event by the ways of a profile.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    policy = profile.notices
    if notice.event in policy.events:
        for channel in team_channels(profile):
            send_once(profile, journal, notice, about=about, channel=channel)
        for telling in _people(profile, journal, notice):
            _tell_person(profile, journal, notice, telling, about)
    if notice.event is not NoticeEvent.STARTED and shows_status(policy):
        for channel in team_channels(profile):
            replace(profile, journal, NoticeEvent.STARTED, notice, about=about, channel=channel)


def shows_status(policy: NoticePolicy) -> bool:
    """Say whether the message that a run has begun is changed as the run goes on."""
    return NoticeEvent.STARTED in policy.events


def send_once(
    profile: DeliveryProfile, journal: Journal, notice: Notice, *, about: str, channel: str
) -> str:
    """Send a message by one channel, if it was not; return its reference, empty if there is none.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    notice = without_secrets(notice)
    wanted = _wanted(journal, notice, about, channel)
    target = _target(about, channel)
    try:
        return send_wanted(profile, journal, target, wanted, notice)
    except (StoreFailed, RunInterrupted):
        raise
    except Exception as error:  # noqa: BLE001 - a messenger may be anybody's package, and telling is never a reason to fail
        reason = _reason(error)
        put_off(journal, effect=MESSAGE, target=target, wanted=wanted, reason=reason)
        journal.note(f"Nobody was told{_by(channel)} ({about}): {reason}")
        return ""


def send_wanted(
    profile: DeliveryProfile, journal: Journal, target: str, wanted: MessageWanted, notice: Notice
) -> str:
    """Send a message as an effect; one that may have arrived counts as sent, for twice is worse.

    Raises:
        MergewrightError: The messenger refused or did not answer.
    """
    held: list[Messenger] = []

    def send() -> Effect[str]:
        messenger = connect_channel(profile, wanted.channel)
        held.append(messenger)
        thread = first_message(journal, wanted.channel)
        try:
            return messenger.send(notice, marker=wanted.marker, thread=thread)
        except PostUncertain as error:
            journal.note(f"The message may not have arrived: {error.message}")
            return Effect("", found=False)

    try:
        return perform(
            journal,
            effect=MESSAGE,
            target=target,
            form=str,
            wanted=wanted,
            act=send,
            reference=str,
        )
    finally:
        take_notes(journal, held)


def replace(
    profile: DeliveryProfile,
    journal: Journal,
    earlier: str,
    notice: Notice,
    *,
    about: str,
    channel: str,
) -> None:
    """Let an earlier message of the run say something else, where it was sent and the medium can.

    Args:
        profile: The run's.
        journal: Of the stage.
        earlier: What the message was about.
        notice: What it is to say.
        about: What makes it the same change: made once.
        channel: Where it was sent.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    reference = _reference(journal, _target(earlier, channel))
    if not reference:
        return
    notice = without_secrets(notice)
    shown = notice.model_copy(update={"files": (), "approval": None, "people": ()})
    try:
        perform(
            journal,
            effect=STATUS_MESSAGE,
            target=_target(f"{earlier} -> {about}", channel),
            form=str,
            wanted=MessageWanted(marker="", subject=notice.subject, channel=channel),
            act=lambda: connect_channel(profile, channel).update(reference, shown),
            reference=str,
        )
    except (StoreFailed, RunInterrupted):
        raise
    except Exception as error:  # noqa: BLE001 - as in `send_once`
        journal.note(f"A message still says what it said{_by(channel)}: {_reason(error)}")


def first_message(journal: Journal, channel: str) -> str:
    """Return the reference of the run's first message by a channel; empty when there is none."""
    for target, reference in _sent(journal):
        if reference and target.partition(_BY)[2] == channel:
            return reference
    return ""


def take_notes(journal: Journal, messengers: Iterable[object]) -> None:
    """Write to the log what messengers remember of what went wrong."""
    for messenger in messengers:
        if isinstance(messenger, NoteTaking):
            for note in messenger.take_notes():
                journal.note(redact(note))


def _tell_person(
    profile: DeliveryProfile, journal: Journal, notice: Notice, telling: Telling, about: str
) -> None:
    channel = channel_of(telling)
    target = _target(about, channel)
    if not telling.put_off:
        send_once(profile, journal, notice, about=about, channel=channel)
    elif _reference(journal, target) is None:
        wanted = _wanted(journal, notice, about, channel).model_copy(
            update={"due_at": telling.due_at, "is_digested": telling.put_off == "digest"}
        )
        reason = f"{telling.person} is told later: {telling.put_off}"
        put_off(journal, effect=MESSAGE, target=target, wanted=wanted, reason=reason)


def _people(profile: DeliveryProfile, journal: Journal, notice: Notice) -> Iterator[Telling]:
    directory, named = profile.directory, profile.notices.people
    if not directory.people:
        return
    found = audience(directory, (*named, *notice.people), event=notice.event, at=utc_now())
    members = {group.name.casefold(): group.members for group in directory.groups}
    meant = {one.casefold() for name in named for one in members.get(name.casefold(), (name,))}
    for one in found.untold:
        # whom the ticket names need not be in the directory; whom the profile names must
        if one.reason in {"unknown", "no address"} and one.name.casefold() in meant:
            journal.note(f"{one.name!r} was not told: {one.reason}.")
    yield from (*found.now, *found.later)


def _wanted(journal: Journal, notice: Notice, about: str, channel: str) -> MessageWanted:
    target = _target(about, channel)
    # People were told that it was taken back: sent again, it is another message.
    again = effect_key(journal, MESSAGE, target).rpartition("#")[2]
    marker = f"{journal.run_id}-{target}".replace(" ", "-")
    return MessageWanted(
        marker=f"{marker}-{again}" if again.isdigit() else marker,
        subject=notice.subject,
        url=notice.url,
        channel=channel,
        notice=notice.model_copy(update={"files": ()}),
    )


def _target(about: str, channel: str) -> str:
    return f"{about}{_BY}{channel}" if channel else str(about)


def _by(channel: str) -> str:
    return f"{_BY}{channel}" if channel else ""


def _reference(journal: Journal, target: str) -> str | None:
    """Return the reference of the last message of a target; None when it was not sent."""
    return next((found for one, found in reversed(_sent(journal)) if one == target), None)


def _sent(journal: Journal) -> list[tuple[str, str]]:
    stored = journal.store.read(run_id=journal.run_id, types=("effect_done",))
    return [
        (one.event.target, one.event.reference)
        for one in stored
        if isinstance(one.event, EffectDone) and one.event.effect == MESSAGE
    ]


def _reason(error: Exception) -> str:
    told = (
        error.message if isinstance(error, MergewrightError) else f"{type(error).__name__}: {error}"
    )
    return redact(told)
