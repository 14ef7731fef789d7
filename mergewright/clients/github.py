"""Pull requests at github.com and at a GitHub Enterprise of one's own.

Each thing that is done there has a module of its own; all of them look before they write.
"""

from mergewright.clients.github_checks import Checks
from mergewright.clients.github_handling import Handling
from mergewright.clients.github_pulls import PullRequests
from mergewright.clients.github_readiness import Readiness
from mergewright.clients.github_remarks import Remarks
from mergewright.clients.github_reviews import Reviews
from mergewright.clients.github_rules import Rules
from mergewright.clients.github_workflows import Workflows


class GitHubHost(PullRequests, Readiness, Handling, Checks, Workflows, Reviews, Remarks, Rules):
    """The code host that is a GitHub.

    Args:
        connection: As `open_github` or `open_github_app` makes it.
    """
