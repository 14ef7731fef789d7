"""The stage that tells people how a run ended."""

from mergewright.domain.delivery import Delivery, Run
from mergewright.texts.delivery import notice
from tasks._effects import perform
from tasks._policies import stage
from tasks._runs import journal_of, profile_of


@stage("Notify", kept=False)
def notify(run: Run, delivery: Delivery) -> str:
    """Tell people once how the run ended.

    Raises:
        ServiceError: The messenger refused or did not answer.
    """
    profile = profile_of(run)
    messenger = profile.messenger.connect()
    message = notice(delivery)
    return perform(
        journal_of(run, "notify", profile),
        effect="message",
        target=delivery.outcome,
        form=str,
        act=lambda: messenger.send(message, marker=f"{run.id}-{delivery.outcome}"),
        reference=str,
    )
