"""Telling people what was kept for them: after their quiet hours, and once a day in one message."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from pydantic import ValidationError

from mergewright.clients.ports import Effect
from mergewright.domain.delivery import Run
from mergewright.domain.open_effects import OpenEffect, RetriedEffect
from mergewright.domain.undo import MESSAGE
from mergewright.errors import MergewrightError, PostUncertain, RunInterrupted, StoreFailed
from mergewright.texts.notices import daily_digest
from tasks._channels import connect_channel
from tasks._effects import perform
from tasks._message_files import with_files
from tasks._runs import event_store, journal_of, profile_of
from tasks._telling import send_wanted, take_notes
from tasks._traces import MessageWanted
from tasks.past_runs import find_run
from tasks.retries import open_in_log, still_open

STAGE = "notify"
_HOLD = "notices-send-due"
_Kept = tuple[OpenEffect, MessageWanted]


def kept_for_later() -> tuple[OpenEffect, ...]:
    """Return the messages that are kept for people, due or not.

    Raises:
        StoreFailed: The log cannot be read.
    """
    return tuple(one for one in open_in_log() if one.effect == MESSAGE and one.due_at)


def send_all_due(at: datetime) -> tuple[RetriedEffect, ...]:
    """Send the messages that are due, a digest for each person who wants one; say what came of it.

    Args:
        at: Now, aware.

    Raises:
        RunInterrupted: Another process does this at the moment.
        StoreFailed: The log cannot be read or written.
    """
    with event_store().hold(_HOLD):
        due = [
            (one, wanted)
            for one in kept_for_later()
            if (wanted := _read(one)) and wanted.due_at and wanted.due_at <= at
        ]
        digests: dict[tuple[str, str], list[_Kept]] = defaultdict(list)
        came: list[RetriedEffect] = []
        for one, wanted in due:
            if wanted.is_digested:
                digests[find_run(one.run_id).profile, wanted.channel].append((one, wanted))
            else:
                came += _told([one], partial(_send, one, wanted))
        for kept in digests.values():
            came += _told([one for one, _ in kept], partial(_send_digest, kept))
        return tuple(came)


def _read(effect: OpenEffect) -> MessageWanted | None:
    try:
        return MessageWanted.model_validate(effect.wanted)
    except ValidationError:
        return None


def _told(effects: Sequence[OpenEffect], send: Callable[[], str]) -> list[RetriedEffect]:
    """Send, and say the same of each message in it."""
    try:
        reference = send()
    except (StoreFailed, RunInterrupted):
        raise
    except MergewrightError as error:
        return [still_open(one, error) for one in effects]
    return [
        RetriedEffect(
            run_id=one.run_id,
            effect=one.effect,
            target=one.target,
            outcome="done",
            reference=reference,
        )
        for one in effects
    ]


def _send(effect: OpenEffect, wanted: MessageWanted) -> str:
    run = find_run(effect.run_id)
    profile = profile_of(run)
    if wanted.notice is None:
        return ""
    journal = journal_of(run, STAGE, profile)
    notice = with_files(run, wanted.notice)
    return send_wanted(profile, journal, effect.target, wanted, notice)


def _send_digest(kept: Sequence[_Kept]) -> str:
    notices = [wanted.notice for _, wanted in kept if wanted.notice]
    if len(kept) == 1:
        return _send(*kept[0])
    first = find_run(kept[0][0].run_id)
    digest = daily_digest(notices)
    names = "\n".join(sorted(wanted.marker for _, wanted in kept))
    marker = f"digest-{hashlib.sha256(names.encode()).hexdigest()[:24]}"
    reference: list[str] = []
    for one, wanted in kept:
        run = find_run(one.run_id)

        def send(run: Run = run, channel: str = wanted.channel) -> Effect[str]:
            if reference:
                return Effect(reference[0], found=True)
            messenger = connect_channel(profile_of(first), channel)
            try:
                return messenger.send(digest, marker=marker)
            except PostUncertain:
                return Effect("", found=False)
            finally:
                take_notes(journal_of(run, STAGE), [messenger])

        sent = perform(
            journal_of(run, STAGE),
            effect=MESSAGE,
            target=one.target,
            form=str,
            wanted=wanted,
            act=send,
            reference=str,
        )
        reference.append(sent)
    return reference[0]
