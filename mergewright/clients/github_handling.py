"""Who and what belongs to a pull request at GitHub: labels, reviewers, assignees, milestone.

Source: docs.github.com/en/rest/issues (labels, assignees, milestones) and /pulls/review-requests,
2026-11-20: one reviewer that GitHub does not take makes it refuse all (422); assignees that it does
not take are left out in silence; a label that is not there yet is made.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from mergewright.clients.github_answers import Anything, Handled, Milestone, Pull, Review
from mergewright.clients.github_repository import Repositories
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.pull_request import Assignment, Refusal, ReviewRequests
from mergewright.errors import NotFound, Rejected

_GONE = Compensation("already", "The pull request is not there any more.")
_NOT_TAKEN = "GitHub does not take them: they may not read the repository, or do not exist."


class Handling(Repositories):
    """Labels, reviewers, assignees and milestones of pull requests."""

    def label(self, repository: str, number: int, labels: Sequence[str]) -> Effect[tuple[str, ...]]:
        """Put labels on a pull request, beside those it has; return all of them.

        Raises:
            NotFound: There is no such pull request.
            AccessDenied: The account may not label it.
            Rejected: A label's name is none.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or asks to wait.
        """
        there = tuple(label.name for label in self.pull(repository, number).labels)
        missing = _missing(labels, there)
        if not missing:
            return Effect(there, found=True)
        about = f"label #{number} of {repository!r}"
        path = self.path(repository, f"issues/{number}/labels")
        self.api.send("POST", path, about=about, body={"labels": missing}, safe_to_repeat=True)
        return Effect((*there, *missing), found=False)

    def unlabel(
        self, repository: str, number: int, labels: Sequence[str], *, rehearse: bool = False
    ) -> Compensation:
        """Take labels off a pull request.

        Raises:
            AccessDenied: The account may not label it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        try:
            pull = self.pull(repository, number)
        except NotFound:
            return _GONE
        ours = _among(labels, (label.name for label in pull.labels))
        if not ours:
            return Compensation("already", "It does not have these labels any more.", pull.html_url)
        for name in () if rehearse else ours:
            path = self.path(repository, f"issues/{number}/labels/{quote(name, safe='')}")
            self.api.remove(path, about=f"take a label off #{number} of {repository!r}")
        return Compensation("undone", f"It had the labels {_listed(ours)}.", pull.html_url)

    def request_reviews(
        self,
        repository: str,
        number: int,
        reviewers: Sequence[str],
        team_reviewers: Sequence[str] = (),
    ) -> Effect[ReviewRequests]:
        """Ask people and teams for a review; those who have reviewed already are not asked again.

        The author is never asked. Whom GitHub does not take is told in `refused`, and the others
        are asked all the same.

        Args:
            repository: URL of the repository.
            number: Number of the pull request.
            reviewers: Names of accounts.
            team_reviewers: Short names of teams of the repository's organisation.

        Raises:
            NotFound: There is no such pull request.
            AccessDenied: The account may not ask for reviews.
            Rejected: The pull request takes none.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or asks to wait.
        """
        pull = self.pull(repository, number)
        author = pull.user.login.lower()
        refused = [
            Refusal(name=name, reason="It is their own pull request.")
            for name in reviewers
            if name.lower() == author
        ]
        wanted = tuple(dict.fromkeys(name for name in reviewers if name.lower() != author))
        known = (
            *(one.login for one in pull.requested_reviewers),
            *self._reviewed(repository, pull),
        )
        people = _missing(wanted, known)
        teams = _missing(team_reviewers, (team.slug for team in pull.requested_teams))
        if people or teams:
            refused += self._asked(repository, number, people, teams)
        not_taken = {one.name for one in refused}
        value = ReviewRequests(
            reviewers=tuple(name for name in wanted if name not in not_taken),
            team_reviewers=tuple(name for name in team_reviewers if name not in not_taken),
            refused=tuple(refused),
        )
        new = {*people, *teams} - not_taken
        return Effect(value, found=not new)

    def withdraw_reviews(
        self,
        repository: str,
        number: int,
        reviewers: Sequence[str],
        team_reviewers: Sequence[str] = (),
        *,
        rehearse: bool = False,
    ) -> Compensation:
        """Ask people and teams no more for a review; a review that was given stays.

        Raises:
            AccessDenied: The account may not do so.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        try:
            pull = self.pull(repository, number)
        except NotFound:
            return _GONE
        people = _among(reviewers, (one.login for one in pull.requested_reviewers))
        teams = _among(team_reviewers, (team.slug for team in pull.requested_teams))
        if not people and not teams:
            return Compensation("already", "None of them is asked any more.", pull.html_url)
        if not rehearse:
            path = self.path(repository, f"pulls/{number}/requested_reviewers")
            body = {"reviewers": people, "team_reviewers": teams}
            self.api.remove(path, about=f"withdraw reviews of #{number}", body=body)
        return Compensation("undone", f"Asked were {_listed([*people, *teams])}.", pull.html_url)

    def assign(
        self, repository: str, number: int, assignees: Sequence[str], milestone: str = ""
    ) -> Effect[Assignment]:
        """Assign a pull request to people and to a milestone, unless it has another one.

        Whom or what GitHub does not take is told in `refused`.

        Args:
            repository: URL of the repository.
            number: Number of the pull request.
            assignees: Names of accounts.
            milestone: Title of an open milestone; empty leaves it as it is.

        Raises:
            NotFound: There is no such pull request.
            AccessDenied: The account may not assign it.
            Rejected: GitHub refused it.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or asks to wait.
        """
        pull = self.pull(repository, number)
        there = [one.login for one in pull.assignees]
        refused: list[Refusal] = []
        missing = _missing(assignees, there)
        if missing:
            path = self.path(repository, f"issues/{number}/assignees")
            about = f"assign #{number} of {repository!r}"
            body = {"assignees": missing}
            handled = self.api.replace(Handled, path, body, about=about, method="POST")
            there = [one.login for one in handled.assignees]
            refused += [Refusal(name=name, reason=_NOT_TAKEN) for name in _missing(missing, there)]
        set_now, reason = self._milestone_set(repository, pull, milestone)
        if reason:
            refused.append(Refusal(name=milestone, reason=reason))
        has_it = bool(milestone) and not reason
        value = Assignment(
            assignees=tuple(_among(assignees, there)),
            milestone=milestone if has_it else "",
            refused=tuple(refused),
        )
        return Effect(value, found=not set_now and not _among(missing, there))

    def unassign(
        self,
        repository: str,
        number: int,
        assignees: Sequence[str],
        milestone: str = "",
        *,
        rehearse: bool = False,
    ) -> Compensation:
        """Take people and a milestone off a pull request.

        Raises:
            AccessDenied: The account may not do so.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        try:
            pull = self.pull(repository, number)
        except NotFound:
            return _GONE
        people = _among(assignees, (one.login for one in pull.assignees))
        has_it = (
            bool(milestone) and pull.milestone is not None and pull.milestone.title == milestone
        )
        if not people and not has_it:
            return Compensation("already", "It is not assigned so any more.", pull.html_url)
        about = f"unassign #{number} of {repository!r}"
        issue = self.path(repository, f"issues/{number}")
        if people and not rehearse:
            self.api.remove(f"{issue}/assignees", about=about, body={"assignees": people})
        if has_it and not rehearse:
            self.api.replace(Anything, issue, {"milestone": None}, about=about)
        taken = [*people, milestone] if has_it else people
        return Compensation("undone", f"It was assigned to {_listed(taken)}.", pull.html_url)

    def _asked(
        self, repository: str, number: int, people: Sequence[str], teams: Sequence[str]
    ) -> list[Refusal]:
        """Ask all at once, and one by one if one of them spoils it; return who was refused."""
        refused: list[Refusal] = []
        try:
            self._ask(repository, number, people, teams)
        except (Rejected, NotFound) as error:
            if len(people) + len(teams) == 1:
                return [Refusal(name=[*people, *teams][0], reason=error.message)]
            for name in people:
                refused += self._asked(repository, number, [name], [])
            for name in teams:
                refused += self._asked(repository, number, [], [name])
        return refused

    def _ask(
        self, repository: str, number: int, people: Sequence[str], teams: Sequence[str]
    ) -> None:
        self.api.replace(
            Anything,
            self.path(repository, f"pulls/{number}/requested_reviewers"),
            {"reviewers": list(people), "team_reviewers": list(teams)},
            about=f"ask {_listed([*people, *teams])} to review #{number} of {repository!r}",
            method="POST",
        )

    def _reviewed(self, repository: str, pull: Pull) -> list[str]:
        path = self.path(repository, f"pulls/{pull.number}/reviews")
        about = f"read the reviews of #{pull.number} of {repository!r}"
        return [one.user.login for one in self.api.pages(Review, path, about=about)]

    def _milestone_set(self, repository: str, pull: Pull, title: str) -> tuple[bool, str]:
        """Set the milestone; return whether that changed anything, and why not if it is refused."""
        if not title or (pull.milestone is not None and pull.milestone.title == title):
            return False, ""
        if pull.milestone is not None:
            return False, f"It has the milestone {pull.milestone.title!r}."
        about = f"find the milestone {title!r} of {repository!r}"
        path = self.path(repository, "milestones")
        known = self.api.pages(Milestone, path, about=about, params={"state": "open"})
        number = next((one.number for one in known if one.title == title), None)
        if number is None:
            return False, "There is no open milestone of this title."
        issue = self.path(repository, f"issues/{pull.number}")
        about = f"set the milestone of #{pull.number} of {repository!r}"
        self.api.replace(Anything, issue, {"milestone": number}, about=about)
        return True, ""


def _missing(wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    """Return the names that are not there; GitHub's names are the same in any case of letters."""
    known = {name.casefold() for name in there}
    return [name for name in dict.fromkeys(wanted) if name.casefold() not in known]


def _among(wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    known = {name.casefold() for name in there}
    return [name for name in dict.fromkeys(wanted) if name.casefold() in known]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
