"""What we say about a pull request at GitHub: below it, and in the threads that people began.

One comment per marker, found again by its tag. A thread is known by the number of the comment that
it began with; GitHub takes no replies to replies.

Source: docs.github.com/en/rest/issues/comments and /pulls/comments (replies), 2026-11-20.
"""

import re

from mergewright.clients.github_answers import ThreadComment
from mergewright.clients.github_comments import GONE, CommentPlace, OwnComments, tag_of
from mergewright.clients.github_repository import Repositories
from mergewright.clients.ports import Compensation, Effect
from mergewright.errors import NotFound


class Remarks(Repositories):
    """Our remarks on pull requests, and our replies in their threads."""

    def remark(self, repository: str, number: int, body: str, *, marker: str) -> Effect[str]:
        """Write one remark per marker, over an earlier one; return where it is.

        Raises:
            NotFound: There is no such pull request.
            AccessDenied: The account may not comment.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        written = self.own_comments(repository, number).write(body, _tag(marker))
        return Effect(written.url, found=not written.is_changed)

    def remove_remark(
        self, repository: str, number: int, *, marker: str, body: str, rehearse: bool = False
    ) -> Compensation:
        """Remove the remark with this marker, if it is as we wrote it.

        Raises:
            AccessDenied: The account may not remove it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        try:
            comments = self.own_comments(repository, number)
            return comments.remove(body, _tag(marker), rehearse=rehearse)
        except NotFound:
            return GONE

    def reply(
        self, repository: str, number: int, thread: str, body: str, *, marker: str
    ) -> Effect[str]:
        """Write one reply per marker in a thread, over an earlier one; return where it is.

        Raises:
            NotFound: There is no such pull request or thread.
            AccessDenied: The account may not comment.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        written = self._replies(repository, number, thread).write(body, _tag(marker))
        return Effect(written.url, found=not written.is_changed)

    def remove_reply(
        self,
        repository: str,
        number: int,
        thread: str,
        *,
        marker: str,
        body: str,
        rehearse: bool = False,
    ) -> Compensation:
        """Remove the reply with this marker from a thread, if it is as we wrote it.

        Raises:
            AccessDenied: The account may not remove it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        try:
            replies = self._replies(repository, number, thread)
            return replies.remove(body, _tag(marker), rehearse=rehearse)
        except NotFound:
            return GONE

    def _replies(self, repository: str, number: int, thread: str) -> OwnComments:
        missing = NotFound(
            f"There is no thread {thread!r} in the pull request #{number} of {repository!r}.",
            hint="Look whether the remark that it began with was deleted.",
        )
        # It becomes part of a path, so nothing else may pass.
        if not re.fullmatch(r"[1-9][0-9]{0,19}", thread):
            raise missing
        first = int(thread)
        listed = self.path(repository, f"pulls/{number}/comments")
        about = f"read the threads of #{number} of {repository!r}"

        def read() -> list[ThreadComment]:
            found = list(self.api.pages(ThreadComment, listed, about=about))
            if all(one.id != first or one.in_reply_to_id for one in found):
                raise missing
            return [one for one in found if one.in_reply_to_id == first]

        place = CommentPlace(
            new=f"{listed}/{first}/replies",
            one=self.path(repository, "pulls/comments"),
            name=f"a thread of #{number} of {repository!r}",
        )
        return OwnComments(self.api, self.login, place, read)


def _tag(marker: str) -> str:
    return tag_of("remark", {"marker": marker})
