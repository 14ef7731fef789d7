"""What a pull request is given beside its text: labels, reviewers, assignees, milestone."""

from mergewright.domain.value import Value


class Suggestion(Value):
    """Somebody who could review a change, and why."""

    name: str
    """Login, or short name of a team; of somebody without an account, how people know them."""
    reason: str
    team: bool = False


class Triage(Value):
    """What a run decided about its pull request when it was about to open it."""

    labels: tuple[str, ...] = ()
    reviewers: tuple[Suggestion, ...] = ()
    """Who is asked for a review."""
    suggested: tuple[Suggestion, ...] = ()
    """Who is not asked, because there is no account to ask or enough others are."""
    assignees: tuple[str, ...] = ()
    milestone: str = ""
    draft: bool = False
    """Whether it is opened as a draft, which nobody is asked to review yet."""
    ready_when_green: bool = False
    """Whether the draft is made ready for review once its gates and the checks of others are green."""
