"""What we say below a pull request at GitHub: one comment per marker, found again by its tag.

Source: docs.github.com/en/rest/issues/comments, 2026-11-20.
"""

import json

from mergewright.clients.github_repository import Repositories, plain, tagged
from mergewright.clients.ports import Compensation, Effect
from mergewright.errors import NotFound


class Remarks(Repositories):
    """Our remarks on pull requests."""

    def remark(self, repository: str, number: int, body: str, *, marker: str) -> Effect[str]:
        """Write one remark per marker, over an earlier one; return where it is.

        Raises:
            NotFound: There is no such pull request.
            AccessDenied: The account may not comment.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        tag = _tag(marker)
        there = self.marked_comment(repository, number, tag)
        if there is None:
            return Effect(self.add_comment(repository, number, body, tag).html_url, found=False)
        found = plain(there.body) == tagged(body, tag)
        if not found:
            self.change_comment(repository, there, body, tag)
        return Effect(there.html_url, found=found)

    def remove_remark(
        self, repository: str, number: int, *, marker: str, body: str, rehearse: bool = False
    ) -> Compensation:
        """Remove the remark with this marker, if it is as we wrote it.

        Raises:
            AccessDenied: The account may not remove it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        tag = _tag(marker)
        try:
            there = self.marked_comment(repository, number, tag)
        except NotFound:
            there = None
        if there is None:
            return Compensation("already", "The remark is not there any more.")
        if plain(there.body) != tagged(body, tag):
            return Compensation("kept", "Somebody changed the remark since.", there.html_url)
        if not rehearse:
            path = self.path(repository, f"issues/comments/{there.id}")
            self.api.remove(path, about=f"remove a comment of {repository!r}")
        return Compensation("undone", "It was not there before: it is removed.", there.html_url)


def _tag(marker: str) -> str:
    about = json.dumps({"marker": marker}).replace(">", "\\u003e").replace("<", "\\u003c")
    return f"<!-- mergewright:remark {about} -->"
