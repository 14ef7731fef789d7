"""Labels, reviewers, assignees and milestone of a pull request that is a file."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from mergewright.clients.documents import Document, locked
from mergewright.clients.local_places import LocalPlaces
from mergewright.clients.local_pulls import changed, documents_in, numbered, pull_request_of
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.pull_request import Assignment, PullRequest, Refusal, ReviewRequests
from mergewright.errors import NotFound

_GONE = Compensation("already", "The pull request is not there any more.")

Changes = dict[str, str | Sequence[str]]


class LocalHandling(LocalPlaces):
    """What a pull request is given beside its text. Anybody is taken: a file knows no accounts.

    All methods raise:
        NotFound: There is no such local repository or pull request.
        AccessDenied: The file may not be read or written.
        Rejected: The file is no longer a pull request.
        ServiceUnavailable: The disk is full or failed.
        SettingInvalid: The repository is a URL and this forge has no folder.
    """

    def required(self, repository: str, number: int) -> Document:
        """Return the file of a pull request."""
        document = numbered(self.pulls_folder(repository), number)
        if document is None:
            raise NotFound(
                f"There is no pull request {number!r} of {repository!r}.",
                hint="Look into the folder of pull requests beside the repository.",
            )
        return document

    def open_reviews(self, repository: str) -> Mapping[str, int]:
        """Return how many open pull requests wait for whom."""
        pulls = map(pull_request_of, documents_in(self.pulls_folder(repository)))
        return Counter(
            name.lower()
            for pull in pulls
            if pull.state == "open"
            for name in (*pull.reviewers, *pull.team_reviewers)
        )

    def label(self, repository: str, number: int, labels: Sequence[str]) -> Effect[tuple[str, ...]]:
        """Put labels on a pull request, beside those it has; return all of them."""
        with locked(self.required(repository, number).path.parent):
            document = self.required(repository, number)
            there = pull_request_of(document).labels
            wanted = _joined(there, labels)
            if wanted != there:
                changed(document, {"labels": wanted})
            return Effect(wanted, found=wanted == there)

    def unlabel(
        self, repository: str, number: int, labels: Sequence[str], *, rehearse: bool = False
    ) -> Compensation:
        """Take labels off a pull request."""

        def without(found: PullRequest) -> Changes:
            left = _without(found.labels, labels)
            return {} if left == found.labels else {"labels": left}

        return self._taken_back(repository, number, without, rehearse=rehearse)

    def request_reviews(
        self,
        repository: str,
        number: int,
        reviewers: Sequence[str],
        team_reviewers: Sequence[str] = (),
    ) -> Effect[ReviewRequests]:
        """Write down who is asked for a review."""
        with locked(self.required(repository, number).path.parent):
            document = self.required(repository, number)
            there = pull_request_of(document)
            people = _joined(there.reviewers, reviewers)
            teams = _joined(there.team_reviewers, team_reviewers)
            found = (people, teams) == (there.reviewers, there.team_reviewers)
            if not found:
                changed(document, {"reviewers": people, "team_reviewers": teams})
        value = ReviewRequests(
            reviewers=_joined((), reviewers), team_reviewers=_joined((), team_reviewers)
        )
        return Effect(value, found=found)

    def withdraw_reviews(
        self,
        repository: str,
        number: int,
        reviewers: Sequence[str],
        team_reviewers: Sequence[str] = (),
        *,
        rehearse: bool = False,
    ) -> Compensation:
        """Strike out who is asked for a review."""

        def without(found: PullRequest) -> Changes:
            people = _without(found.reviewers, reviewers)
            teams = _without(found.team_reviewers, team_reviewers)
            if (people, teams) == (found.reviewers, found.team_reviewers):
                return {}
            return {"reviewers": people, "team_reviewers": teams}

        return self._taken_back(repository, number, without, rehearse=rehearse)

    def assign(
        self, repository: str, number: int, assignees: Sequence[str], milestone: str = ""
    ) -> Effect[Assignment]:
        """Write down whose a pull request is, and its milestone, unless it has another one."""
        with locked(self.required(repository, number).path.parent):
            document = self.required(repository, number)
            there = pull_request_of(document)
            people = _joined(there.assignees, assignees)
            kept = there.milestone or milestone
            found = (people, kept) == (there.assignees, there.milestone)
            if not found:
                changed(document, {"assignees": people, "milestone": kept})
        refused = (
            (Refusal(name=milestone, reason=f"It has the milestone {kept!r}."),)
            if milestone and milestone != kept
            else ()
        )
        value = Assignment(
            assignees=_joined((), assignees),
            milestone="" if refused else milestone,
            refused=refused,
        )
        return Effect(value, found=found)

    def unassign(
        self,
        repository: str,
        number: int,
        assignees: Sequence[str],
        milestone: str = "",
        *,
        rehearse: bool = False,
    ) -> Compensation:
        """Strike out whose a pull request is, and its milestone."""

        def without(found: PullRequest) -> Changes:
            people = _without(found.assignees, assignees)
            kept = "" if found.milestone == milestone else found.milestone
            if (people, kept) == (found.assignees, found.milestone):
                return {}
            return {"assignees": people, "milestone": kept}

        return self._taken_back(repository, number, without, rehearse=rehearse)

    def _taken_back(
        self,
        repository: str,
        number: int,
        without: Callable[[PullRequest], Changes],
        *,
        rehearse: bool,
    ) -> Compensation:
        try:
            folder = self.required(repository, number).path.parent
        except NotFound:
            return _GONE
        with locked(folder):
            document = numbered(folder, number)
            if document is None:
                return _GONE
            changes, where = without(pull_request_of(document)), document.path.as_uri()
            if not changes:
                return Compensation("already", "Nothing of it is there any more.", where)
            if not rehearse:
                changed(document, changes)
        return Compensation("undone", "It was struck out of its file.", where)


def _joined(there: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*there, *more)))


def _without(there: Iterable[str], taken: Iterable[str]) -> tuple[str, ...]:
    gone = set(taken)
    return tuple(name for name in there if name not in gone)
