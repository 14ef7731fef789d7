"""The same change for another branch: a back-port, or a forward-port, whichever way it goes."""

from pydantic import Field

from mergewright.domain.changeset import Changeset
from mergewright.domain.gates import Gate
from mergewright.domain.pull_request import PullRequest
from mergewright.domain.value import Value


class Backport(Value):
    """A change of a release, brought to the main branch."""

    base: str
    """The branch that gets it."""
    base_commit: str = ""
    branch: str = ""
    commit: str = ""
    changeset: Changeset | None = None
    conflicts: tuple[str, ...] = ()
    """Files whose same lines both had changed, so that they were merged by hand or by an agent."""
    gates: tuple[Gate, ...] = ()
    pull_request: PullRequest | None = None
    reason: str = Field(default="")
    """Why there is no pull request, in words; empty where there is one."""
