"""Who we are at a service, and what we may do there."""

from mergewright.domain.value import Value


class Access(Value):
    """What trying a service's credential told."""

    account: str
    """Who one is there."""
    place: str = ""
    """What is worked with there: a channel, a project, a mail server."""
    missing: tuple[str, ...] = ()
    """Permissions without which less works, each with what does not; none that is needed."""
