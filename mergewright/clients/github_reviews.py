"""What people said about a pull request at GitHub, but for what is settled.

Only GraphQL knows which threads are resolved. What Apps and we ourselves wrote is left out, and so
is a thread whose last word is ours. Reviews and remarks below the pull request are never settled:
who acts on them remembers their ids.

Source: GitHub's public GraphQL schema (`PullRequestReviewThread`, `PullRequestReview`), 2026-11-20.
"""

from collections.abc import Iterator

from pydantic import AwareDatetime, Field

from mergewright.clients.answer_forms import Form
from mergewright.clients.github_repository import Repositories
from mergewright.domain.pull_request import ReviewComment
from mergewright.errors import NotFound

MAX_PAGES = 10
MAX_LAST_WORDS = 50
"""So many comments of a thread are read: of a longer one the latest."""

_MEMBERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_VERDICTS = {"APPROVED": "approved", "CHANGES_REQUESTED": "changes requested"}
_REVIEWS = ("APPROVED", "CHANGES_REQUESTED", "COMMENTED")

_SAID = "id url body viewerDidAuthor authorAssociation author { login __typename }"
_QUERY = f"""
query ($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequest(number: $number) {{
      reviewThreads(first: 50, after: $after) {{
        pageInfo {{ hasNextPage endCursor }}
        nodes {{
          isResolved path line
          first: comments(first: 1) {{ nodes {{ fullDatabaseId }} }}
          comments(last: {MAX_LAST_WORDS}) {{ nodes {{ {_SAID} createdAt }} }}
        }}
      }}
      reviews(last: 100) {{ nodes {{ {_SAID} createdAt state }} }}
      comments(last: 100) {{ nodes {{ {_SAID} createdAt isMinimized }} }}
    }}
  }}
}}
"""


class Author(Form):
    """Who said something."""

    login: str = "ghost"
    kind: str = Field(default="User", alias="__typename")


class Said(Form):
    """A comment, a review, or a comment within one."""

    id: str
    url: str = ""
    body: str = ""
    is_ours: bool = Field(default=False, alias="viewerDidAuthor")
    association: str = Field(default="NONE", alias="authorAssociation")
    author: Author = Field(default_factory=Author)
    created_at: AwareDatetime = Field(alias="createdAt")
    state: str = ""
    is_hidden: bool = Field(default=False, alias="isMinimized")

    @property
    def counts(self) -> bool:
        """Whether a person said it."""
        return not self.is_ours and not self.is_hidden and self.author.kind != "Bot"


class SaidPage(Form):
    """Some of what was said."""

    nodes: tuple[Said, ...] = ()


class Numbered(Form):
    """A comment, by the number that the REST API knows it by."""

    number: int = Field(default=0, alias="fullDatabaseId")


class NumberedPage(Form):
    """Some of these."""

    nodes: tuple[Numbered, ...] = ()


class Thread(Form):
    """A talk about a line or file."""

    is_resolved: bool = Field(default=False, alias="isResolved")
    path: str = ""
    line: int | None = None
    first: NumberedPage = Field(default_factory=NumberedPage)
    comments: SaidPage = Field(default_factory=SaidPage)

    @property
    def name(self) -> str:
        """What it is known by: the number of the comment that it began with."""
        return str(self.first.nodes[0].number or "") if self.first.nodes else ""


class PageInfo(Form):
    """Where the next page begins."""

    has_next: bool = Field(default=False, alias="hasNextPage")
    end: str = Field(default="", alias="endCursor")


class ThreadPage(Form):
    """Some threads."""

    page: PageInfo = Field(default_factory=PageInfo, alias="pageInfo")
    nodes: tuple[Thread, ...] = ()


class Talk(Form):
    """All that was said about a pull request."""

    threads: ThreadPage = Field(alias="reviewThreads")
    reviews: SaidPage = Field(default_factory=SaidPage)
    comments: SaidPage = Field(default_factory=SaidPage)


class _PullRequest(Form):
    talk: Talk | None = Field(default=None, alias="pullRequest")


class _Found(Form):
    repository: _PullRequest | None = None


class Reviews(Repositories):
    """What people say about pull requests."""

    def review_comments(self, repository: str, number: int) -> tuple[ReviewComment, ...]:
        """Return what people said, but for what is settled, oldest first.

        That is: the comments of threads that are not resolved and whose last word is not ours, the
        reviews that say something, and the talk below the pull request. It is data: anybody may
        write it (`member` tells who belongs to the repository).

        Raises:
            NotFound: There is no such pull request.
            AccessDenied: The account may not read it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or asks to wait.
        """
        comments: list[ReviewComment] = []
        talk = None
        for talk in self._pages(repository, number):
            for thread in talk.threads.nodes:
                comments += _of_thread(thread)
        if talk is not None:
            comments += (_review(one) for one in talk.reviews.nodes if _says_something(one))
            comments += (_comment(one, "conversation") for one in talk.comments.nodes if one.counts)
        return tuple(sorted(comments, key=lambda comment: comment.created_at))

    def _pages(self, repository: str, number: int) -> Iterator[Talk]:
        owner, name = self.repository(repository)
        about = f"read what was said about the pull request #{number} of {repository!r}"
        after = None
        for _ in range(MAX_PAGES):
            place = {"owner": owner, "name": name, "number": number, "after": after}
            found = self.api.query(_Found, _QUERY, place, about=about).repository
            if found is None or found.talk is None:
                raise NotFound(
                    f"There is no pull request #{number} in {repository!r}.",
                    hint="Check the number, and that the account may see the repository.",
                )
            yield found.talk
            if not found.talk.threads.page.has_next:
                return
            after = found.talk.threads.page.end


def _of_thread(thread: Thread) -> Iterator[ReviewComment]:
    said = thread.comments.nodes
    if thread.is_resolved or not said or said[-1].is_ours:
        return
    for one in said:
        if one.counts:
            line = thread.line if thread.line and thread.line > 0 else None
            yield _comment(one, "line", path=thread.path, line=line, thread=thread.name)


def _says_something(review: Said) -> bool:
    asks = bool(review.body.strip()) or review.state == "CHANGES_REQUESTED"
    return review.counts and review.state in _REVIEWS and asks


def _review(review: Said) -> ReviewComment:
    return _comment(review, "review", verdict=_VERDICTS.get(review.state, ""))


def _comment(said: Said, kind: str, **more: object) -> ReviewComment:
    return ReviewComment.model_validate(
        {
            "id": said.id,
            "kind": kind,
            "author": said.author.login,
            "body": said.body,
            "created_at": said.created_at,
            "url": said.url,
            "member": said.association in _MEMBERS,
            **more,
        }
    )
