"""Pull requests at GitHub: found by their branch or ticket, opened, updated, closed.

The body carries a tag that people do not see: which ticket it is for, and a digest of the text as
we wrote it. A title and body that somebody else wrote, or changed since, are left as they are.

Source: docs.github.com/en/rest/pulls/pulls and /search, 2026-11-20. One open pull request per head
and base is GitHub's own rule: of two that are opened at once, the second is refused with 422.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

from mergewright.clients.answer_forms import Form
from mergewright.clients.github_answers import Pull
from mergewright.clients.github_comments import plain, tag_of, tagged, untagged
from mergewright.clients.github_repository import Repositories
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.pull_request import PullRequest, PullRequestDraft
from mergewright.errors import NotFound, Rejected

MAX_TITLE_CHARACTERS = 256
NEWEST = 100
"""So many are looked through one by one: the search does not know the newest ones yet."""
MAX_SEARCHED = 30

_TAG = re.compile(r"<!-- mergewright:pull-request (?P<about>\{[^\r\n]*?\}) -->\s*\Z")
_CLOSED_TAG = "<!-- mergewright:closed -->"
_EXISTS = "already exists"
_NO_DRAFTS = "draft pull requests are not supported"
_GONE = Compensation("already", "The pull request is not there any more.")


class Hit(Form):
    """A pull request that a search found."""

    number: int


class PullRequests(Repositories):
    """Pull requests of the repositories at one GitHub."""

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Return a pull request as it is now.

        Raises:
            NotFound: There is none with this number.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        return self.pull(repository, number).value

    def pull_requests(self, repository: str, ticket_key: str) -> tuple[PullRequest, ...]:
        """Return the pull requests that were opened for a ticket, oldest first.

        They carry our tag with its key, or have the key in their title or branch.

        Raises:
            NotFound: There is no such repository, or the account may not see it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        about = f"look for pull requests of the ticket {ticket_key!r} in {repository!r}"
        newest_first = {"state": "all", "sort": "created", "direction": "desc"}
        pages = self._pulls(repository, newest_first, about=about)
        pulls = {one.number: one for one in islice(pages, NEWEST)}
        if len(pulls) == NEWEST:
            for number in self._searched(repository, ticket_key, about) - pulls.keys():
                pulls[number] = self.pull(repository, number)
        return tuple(
            pulls[number].value for number in sorted(pulls) if _is_for(pulls[number], ticket_key)
        )

    def open_reviews(self, repository: str) -> Mapping[str, int]:
        """Return how many open pull requests wait for whom, of the newest ones.

        Raises:
            NotFound: There is no such repository, or the account may not see it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        about = f"count the open reviews of {repository!r}"
        pulls = islice(self._pulls(repository, {"state": "open"}, about=about), NEWEST)
        return Counter(
            name.lower()
            for pull in pulls
            for name in (
                *(one.login for one in pull.requested_reviewers),
                *(team.slug for team in pull.requested_teams),
            )
        )

    def open_pull_request(self, draft: PullRequestDraft) -> Effect[PullRequest]:
        """Open a pull request, or update the open one with the same head.

        Labels are an effect of their own: `label`.

        Raises:
            NotFound: There is no such repository, or the account may not see it.
            AccessDenied: The account may not open pull requests.
            Rejected: GitHub refused it: there is no such branch, or nothing to merge.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or asks to wait.
        """
        found = self._open_one(draft)
        if found is not None:
            return Effect(self._updated(draft, found).value, found=True)
        try:
            return Effect(self._opened(draft, is_draft=draft.draft).value, found=False)
        except Rejected as error:
            said = error.message.casefold()
            if draft.draft and _NO_DRAFTS in said:
                return Effect(self._opened(draft, is_draft=False).value, found=False)
            found = self._open_one(draft) if _EXISTS in said else None
            if found is None:
                raise
            return Effect(found.value, found=True)

    def close_pull_request(
        self,
        repository: str,
        number: int,
        *,
        head_commit: str,
        reason: str,
        rehearse: bool = False,
    ) -> Compensation:
        """Close a pull request without merging it, and say why below it.

        Raises:
            SettingInvalid: The repository is none of this GitHub.
            AccessDenied: The account may not close it.
            ServiceError: GitHub did not answer, or refused.
        """
        try:
            pull = self.pull(repository, number)
        except NotFound:
            return _GONE
        state = pull.value.state
        if state == "merged":
            return Compensation("kept", "It was merged.", pull.html_url)
        if state == "closed":
            return Compensation("already", "The pull request is closed.", pull.html_url)
        if pull.head.sha != head_commit:
            return Compensation("kept", "It offers other commits now.", pull.html_url)
        if not rehearse:
            self.own_comments(repository, number).write(reason, _CLOSED_TAG)
            self._change(repository, number, {"state": "closed"}, "close")
        return Compensation("undone", "It was open; it is closed, not merged.", pull.html_url)

    def _open_one(self, draft: PullRequestDraft) -> Pull | None:
        """Return the open pull request of the branch; the one with the same base comes first."""
        owner = self.repository(draft.repository).owner
        about = f"look for the pull request of {draft.head!r} in {draft.repository!r}"
        query = {"state": "open", "head": f"{owner}:{draft.head}"}
        # A GitHub that does not know the branch leaves the filter out and lists all.
        own = [
            one
            for one in self._pulls(draft.repository, query, about=about)
            if one.head.ref == draft.head and not one.is_from_elsewhere
        ]
        same_base = [one for one in own if one.base.ref == draft.base]
        return next(iter([*same_base, *own]), None)

    def _opened(self, draft: PullRequestDraft, *, is_draft: bool) -> Pull:
        return self.api.create(
            Pull,
            self.path(draft.repository, "pulls"),
            {
                "title": _title(draft),
                "head": draft.head,
                "base": draft.base,
                "body": _body(draft),
                "draft": is_draft,
            },
            about=f"open a pull request for {draft.head!r} in {draft.repository!r}",
        )

    def _updated(self, draft: PullRequestDraft, pull: Pull) -> Pull:
        tag = _TAG.search(pull.body)
        written = untagged(pull.body, tag[0].strip()) if tag else ""
        if tag is None or _about(tag).get("text") != _digest(pull.title, written):
            return pull
        wanted = {"title": _title(draft), "body": _body(draft), "base": draft.base}
        there = {"title": pull.title, "body": plain(pull.body), "base": pull.base.ref}
        if wanted == there:
            return pull
        return self._change(draft.repository, pull.number, wanted, "update")

    def _change(self, repository: str, number: int, body: Mapping[str, object], verb: str) -> Pull:
        about = f"{verb} the pull request #{number} of {repository!r}"
        return self.api.replace(Pull, self.path(repository, f"pulls/{number}"), body, about=about)

    def _pulls(self, repository: str, query: dict[str, str], *, about: str) -> Iterator[Pull]:
        return self.api.pages(Pull, self.path(repository, "pulls"), about=about, params=query)

    def _searched(self, repository: str, ticket_key: str, about: str) -> set[int]:
        words = f'repo:{self.repository(repository)} is:pr "{ticket_key}"'
        params = {"q": words.replace("\\", ""), "sort": "created", "order": "desc"}
        hits = self.api.pages(
            Hit, "search/issues", about=about, params=params, within="items", max_pages=1
        )
        return {hit.number for hit in islice(hits, MAX_SEARCHED)}


def _is_for(pull: Pull, ticket_key: str) -> bool:
    tag = _TAG.search(pull.body)
    if tag is not None and "ticket" in _about(tag):
        return _about(tag)["ticket"] == ticket_key
    key = re.compile(rf"(?<![A-Za-z0-9]){re.escape(ticket_key)}(?![A-Za-z0-9])", re.IGNORECASE)
    return bool(key.search(pull.title) or key.search(pull.head.ref))


def _about(tag: re.Match[str]) -> dict[str, object]:
    try:
        told = json.loads(tag["about"])
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _title(draft: PullRequestDraft) -> str:
    title = " ".join(draft.title.split())
    if len(title) <= MAX_TITLE_CHARACTERS:
        return title
    return f"{title[: MAX_TITLE_CHARACTERS - 1]}…"


def _body(draft: PullRequestDraft) -> str:
    """Return the body as it is sent: the same for the same draft."""
    # The digest is as long for every text, so that a text is cut the same with and without it.
    text = untagged(tagged(draft.body, _tag(draft, "0" * 16)), _tag(draft, "0" * 16))
    return tagged(text, _tag(draft, _digest(_title(draft), text)))


def _tag(draft: PullRequestDraft, digest: str) -> str:
    return tag_of("pull-request", {"ticket": draft.ticket_key, "text": digest})


def _digest(title: str, text: str) -> str:
    return hashlib.sha256(f"{title}\n{text}".encode("utf-8", "replace")).hexdigest()[:16]
