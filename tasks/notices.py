"""The stage that tells people how a run ended."""

from mergewright.clients.ports import Effect, Messenger
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.notice import Notice
from mergewright.domain.undo import MESSAGE
from mergewright.errors import PostUncertain
from mergewright.events.journal import Journal
from mergewright.texts.delivery import notice
from tasks._effects import effect_key, perform
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._traces import MessageWanted


@stage("Notify", kept=False)
def notify(run: Run, delivery: Delivery) -> str:
    """Tell people once how the run ended.

    Raises:
        ServiceError: The messenger refused or did not answer.
    """
    profile = profile_of(run)
    messenger = profile.messenger.connect()
    message = notice(delivery)
    journal = journal_of(run, "notify", profile)
    # People were told that it was taken back: sent again, it is another message.
    again = effect_key(journal, MESSAGE, delivery.outcome).rpartition("#")[2]
    marker = f"{run.id}-{delivery.outcome}" + (f"-{again}" if again.isdigit() else "")
    return perform(
        journal,
        effect=MESSAGE,
        target=delivery.outcome,
        form=str,
        wanted=MessageWanted(marker=marker, subject=message.subject, url=message.url),
        act=lambda: _send(messenger, message, marker, journal),
        reference=str,
    )


def _send(messenger: Messenger, message: Notice, marker: str, journal: Journal) -> Effect[str]:
    """Send a message; one that may have arrived counts as sent, for twice is worse than once."""
    try:
        return messenger.send(message, marker=marker)
    except PostUncertain as error:
        journal.note(f"The message may not have arrived: {error.message}")
        return Effect("", found=False)
