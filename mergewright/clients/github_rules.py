"""What the rules of a repository at GitHub ask of a branch, whether or not it is there.

Who may pass a rule by is not told; classic protection shows only whether there is any.
Source: docs.github.com/en/rest/repos/rules ("Get rules for a branch"), 2026-11-20.
"""

from contextlib import suppress
from typing import Any
from urllib.parse import quote

from pydantic import Field

from mergewright.clients.answer_forms import Form
from mergewright.clients.code_host import BranchRules
from mergewright.clients.github_repository import Repositories
from mergewright.errors import NotFound

_WORDS = {
    "update": "only some may change it",
    "required_signatures": "commits must be signed",
    "required_linear_history": "no merge commits",
    "required_deployments": "it must be deployed first",
    "merge_queue": "it is merged by a queue",
    "commit_message_pattern": "commit messages must have a form",
    "branch_name_pattern": "its name must have a form",
    "code_scanning": "code must be scanned",
}


class Rule(Form):
    """A rule that holds for a branch."""

    type: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class Branch(Form):
    """A branch as GitHub shows it."""

    protected: bool = False


class Rules(Repositories):
    """Rules of branches."""

    def branch_rules(self, repository: str, branch: str) -> BranchRules:
        """Return what holds for a branch of this name.

        Raises:
            NotFound: There is no such repository.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        name = quote(branch, safe="")
        about = f"read the rules of the branch {branch!r} of {repository!r}"
        path = self.path(repository, f"rules/branches/{name}")
        found = list(self.api.pages(Rule, path, about=about))
        asks = [words for rule in found if (words := _words(rule))]
        with suppress(NotFound):
            shown = self.api.read(Branch, self.path(repository, f"branches/{name}"), about=about)
            if shown.protected and not found:
                asks.append("it is protected")
        return BranchRules(
            may_be_made=not any(rule.type == "creation" for rule in found),
            asks=tuple(dict.fromkeys(asks)),
        )


def _words(rule: Rule) -> str:
    """Say what a rule asks; empty for one that stands in nobody's way here."""
    if rule.type == "pull_request":
        count = rule.parameters.get("required_approving_review_count") or 0
        return f"{count} approving reviews" if count else ""
    if rule.type == "required_status_checks":
        checks = rule.parameters.get("required_status_checks") or []
        names = [str(one.get("context", "")) for one in checks if isinstance(one, dict)]
        return f"green checks: {', '.join(names)}" if names else ""
    return _WORDS.get(rule.type, "")
