"""Moving tickets in Jira along whatever workflow their project has.

Jira tells only which moves are possible from where a ticket is, so a way over several statuses is
walked step by step, each step towards the goal. A walk that cannot go on goes back to where it
began, and if that is not possible either, says where the ticket was left.
"""

from pydantic import Field, RootModel

from mergewright.clients.jira_issue import Answer, Issue, Status
from mergewright.clients.jira_permissions import refusal
from mergewright.clients.jira_site import GONE, JiraSite, checked
from mergewright.clients.jira_transitions import Transition, Transitions, choose
from mergewright.clients.outcomes import Compensation, Effect
from mergewright.domain.ticket import StatusCategory
from mergewright.errors import AccessDenied, NotFound, Rejected, ServiceError

MAX_MOVES = 5
"""Steps of one walk; most workflows have fewer statuses than that before work is done."""

_REFUSALS = (Rejected, AccessDenied, NotFound)


class TypeStatuses(Answer):
    """The statuses that tickets of one type can be in."""

    name: str = ""
    statuses: tuple[Status, ...] = ()


class ProjectStatuses(RootModel[tuple[TypeStatuses, ...]]):
    """The statuses of a project, by type of ticket."""

    root: tuple[TypeStatuses, ...] = Field(default=())


class JiraMoves(JiraSite):
    """The moves of tickets in one Jira."""

    def transition(self, key: str, status: StatusCategory) -> Effect[StatusCategory]:
        """Move the ticket to a status of this category; return where it is then.

        It goes there over other statuses if there is no shorter way, but never over what is done.
        A ticket in progress stays there if its workflow has no reviews.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            AccessDenied: The account may not move it.
            Rejected: No transition leads there, or one needs fields filled in.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        key = checked(key)
        issue = self._moving(key)
        reached = self._walk(key, issue, status)
        return Effect(reached, found=reached is issue.fields.status.stands_for)

    def transition_back(
        self, key: str, *, made: StatusCategory, before: StatusCategory, rehearse: bool = False
    ) -> Compensation:
        """Move the ticket back, if it is where we moved it to.

        Raises:
            AccessDenied: The account may not move it.
            ServiceError: Jira did not answer, or refused.
        """
        try:
            key = checked(key)
            issue = self._moving(key)
        except NotFound:
            return GONE
        now, place = issue.fields.status, self._place(key)
        if now.stands_for is before:
            return Compensation("already", f"The ticket is {before.value!r}, as before.")
        if now.stands_for is not made:
            return Compensation("kept", f"Somebody moved it to {now.name!r} since.", place)
        try:
            if rehearse:
                choose(self._offered(key), key=key, now=now, wanted=before, seen=(now.name,))
            reached = before if rehearse else self._walk(key, issue, before)
        except Rejected as error:
            return Compensation("kept", error.message, place)
        if reached is not before:
            told = f"It is {reached.value!r} now: its workflow leads back no further."
            return Compensation("kept", told, place)
        return Compensation("undone", f"From {made.value!r} back to {before.value!r}.")

    def _walk(self, key: str, issue: Issue, wanted: StatusCategory) -> StatusCategory:
        path = [issue.fields.status]
        while path[-1].stands_for is not wanted:
            try:
                chosen = self._next_move(key, issue, path, wanted)
                if chosen is None:
                    return self._stay(key, path)
                self._move(key, chosen)
            except _REFUSALS as error:
                raise self._given_up(key, path, error) from error
            path.append(self._status(key))
        return wanted

    def _next_move(
        self, key: str, issue: Issue, path: list[Status], wanted: StatusCategory
    ) -> Transition | None:
        """Return the move to make; None when the ticket stays in progress for want of a review."""
        now = path[-1]
        if len(path) > MAX_MOVES:
            raise Rejected(
                f"The ticket {key!r} is not {wanted.value!r} after {MAX_MOVES} moves, by way of "
                f"{', '.join(repr(one.name) for one in path[1:])}.",
                hint="Move the ticket by hand.",
            )
        offered = self._offered(key)
        is_direct = any(one.to.stands_for is wanted for one in offered)
        is_working = now.stands_for is StatusCategory.IN_PROGRESS
        may_stay = wanted is StatusCategory.IN_REVIEW and is_working and not is_direct
        if may_stay and not self._has_review(key, issue):
            return None
        seen = [one.name for one in path]
        try:
            return choose(offered, key=key, now=now, wanted=wanted, seen=seen)
        except Rejected as error:
            if may_stay and offered:
                return None
            about = f"move the ticket {key!r} to {wanted.value!r}"
            raise self._unmovable(key, about) or error from error

    def _stay(self, key: str, path: list[Status]) -> StatusCategory:
        """End a walk in the first status in which work is done, from where it went on in vain."""
        working = next(
            at for at, one in enumerate(path) if one.stands_for is StatusCategory.IN_PROGRESS
        )
        self._go_back(key, path[working:])
        return StatusCategory.IN_PROGRESS

    def _move(self, key: str, chosen: Transition) -> None:
        body: dict[str, object] = {"transition": {"id": chosen.id}}
        if chosen.filled:
            body["fields"] = chosen.filled
        about = f"move the ticket {key!r} to {chosen.to.name!r}"
        try:
            self._api.act(f"issue/{key}/transitions", body, about=about)
        except AccessDenied as error:
            raise self._explained(error, "TRANSITION_ISSUES", about=about, issue=key) from error

    def _unmovable(self, key: str, about: str) -> AccessDenied | None:
        """Return the reason if the account may move nothing here."""
        try:
            account = self._own_person().shown_name
            return refusal(self._api, "TRANSITION_ISSUES", account=account, about=about, issue=key)
        except ServiceError:
            return None

    def _given_up(self, key: str, path: list[Status], error: ServiceError) -> ServiceError:
        """Go back the way a walk came, and return its error, which says where the ticket is."""
        if len(path) == 1:
            return error
        start, now = path[0].name, self._go_back(key, path)
        told = f"It was put back to {start!r}." if now == start else f"It was left in {now!r}."
        return type(error)(f"{error.message} {told}", hint=error.hint)

    def _go_back(self, key: str, path: list[Status]) -> str:
        """Move a ticket back as far along its path as may be; return where it is then."""
        now = path[-1].name
        for earlier in reversed(path[:-1]):
            try:
                leading = [one for one in self._offered(key) if one.to.name == earlier.name]
                if leading and not leading[0].missing:
                    self._move(key, leading[0])
                    now = self._status(key).name
            except ServiceError:
                break
        return now

    def _offered(self, key: str) -> tuple[Transition, ...]:
        return self._api.read(
            Transitions,
            f"issue/{key}/transitions",
            about=f"read the transitions of the ticket {key!r}",
            params={"expand": "transitions.fields"},
        ).transitions

    def _has_review(self, key: str, issue: Issue) -> bool:
        project, kind = key.rpartition("-")[0], issue.fields.kind
        about = f"read the statuses of the project {project!r}"
        try:
            known = self._api.read(ProjectStatuses, f"project/{project}/statuses", about=about)
        except _REFUSALS:
            return False
        return any(
            status.stands_for is StatusCategory.IN_REVIEW
            for one in known.root
            if kind is None or one.name == kind.name
            for status in one.statuses
        )

    def _moving(self, key: str) -> Issue:
        return self._issue(key, "status,issuetype")

    def _status(self, key: str) -> Status:
        return self._issue(key, "status").fields.status
