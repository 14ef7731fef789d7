"""What becomes of messages when a run is undone: people are sent one correction for all of them."""

from mergewright.clients.ports import Compensation
from mergewright.domain.events import EffectDone, EffectIntended
from mergewright.domain.undo import MESSAGE, STAGE, UndoStep
from mergewright.events.journal import Journal
from mergewright.events.undo_list import CORRECTION
from mergewright.texts.undo import correction
from tasks._channels import connect_channel
from tasks._effects import perform
from tasks._places import Place, trace_of
from tasks._runs import journal_of
from tasks._telling import first_message, take_notes
from tasks._traces import MessageWanted

_CORRECTED = "A message stays sent; a correction followed it."


def take_message_back(place: Place, step: UndoStep) -> Compensation:
    """Send a correction: what people have read cannot be taken back."""
    wanted = trace_of(MessageWanted, step.wanted, step)
    others = [one for one in place.so_far if one.effect != MESSAGE]
    if others and all(one.outcome == "kept" for one in others):
        return Compensation("kept", "Nothing was taken back, so what people were told holds.")
    if place.rehearse:
        return Compensation("impossible", "A message stays sent; a correction would follow it.")
    journal = journal_of(place.run, STAGE, place.profile)
    if sent := _correction_since(journal, wanted.channel):
        return Compensation("impossible", _CORRECTED, sent)
    notice = correction(place.run.id, subject=wanted.subject, url=wanted.url, effects=place.so_far)
    marker = f"{wanted.marker}-undone"
    messenger = connect_channel(place.profile, wanted.channel)
    thread = first_message(journal, wanted.channel)
    sent = perform(
        journal,
        effect=CORRECTION,
        target=marker,
        form=str,
        wanted=MessageWanted(
            marker=marker, subject=notice.subject, url=notice.url, channel=wanted.channel
        ),
        act=lambda: messenger.send(notice, marker=marker, thread=thread),
        reference=str,
    )
    take_notes(journal, [messenger])
    return Compensation("impossible", _CORRECTED, sent)


def _correction_since(journal: Journal, channel: str) -> str:
    """Return the correction that followed the last message of a channel: one is for all of them."""
    names = {
        stored.event.target: str(stored.event.wanted.get("channel", ""))
        for stored in journal.store.read(run_id=journal.run_id, types=("effect_intended",))
        if isinstance(stored.event, EffectIntended) and stored.event.effect in {MESSAGE, CORRECTION}
    }
    sent = ""
    for stored in journal.store.read(run_id=journal.run_id, types=("effect_done",)):
        done = stored.event
        if isinstance(done, EffectDone) and names.get(done.target) == channel:
            sent = done.reference if done.effect == CORRECTION else ""
    return sent
