"""Taking back tickets that we made in Jira, as long as nobody else has worked on them.

Source: REST description of Jira Cloud (`issue` with `expand=changelog`), Server 9.12 the same,
2026-11-20.
"""

from mergewright.clients.jira_comments import JiraComments
from mergewright.clients.jira_issue import Issue, Person, text_of
from mergewright.clients.jira_making import JiraMaking, label_of
from mergewright.clients.jira_moves import JiraMoves
from mergewright.clients.jira_site import GONE, checked
from mergewright.clients.outcomes import Compensation
from mergewright.domain.ticket import StatusCategory, TicketDraft
from mergewright.errors import AccessDenied, NotFound, Rejected

_FIELDS = "summary,description,labels,creator,status,subtasks,attachment"


class JiraUnmaking(JiraMaking, JiraMoves, JiraComments):
    """What takes tickets back that were made in one Jira."""

    def remove_created(
        self, key: str, draft: TicketDraft, *, marker: str, rehearse: bool = False
    ) -> Compensation:
        """Delete a ticket that we made, or close it if we may not; not if others worked on it.

        Raises:
            ServiceError: Jira did not answer, or refused.
        """
        try:
            key = checked(key)
            issue = self._api.read(
                Issue,
                f"issue/{key}",
                about=f"read the ticket {key!r}",
                params={"fields": _FIELDS, "expand": "changelog"},
            )
            reason = self._kept_because(issue, draft, label_of(marker))
        except NotFound:
            return GONE
        if reason:
            return Compensation("kept", reason, self._place(key))
        if rehearse:
            return Compensation("undone", "Nobody had changed it.")
        try:
            self._api.remove(f"issue/{key}", about=f"delete the ticket {key!r}")
        except AccessDenied:
            return self._closed(key)
        return Compensation("undone", "Nobody had changed it.")

    def _closed(self, key: str) -> Compensation:
        try:
            self.transition(key, StatusCategory.DONE)
        except (AccessDenied, Rejected) as error:
            told = f"The account may not delete it. {error.message}"
            return Compensation("kept", told, self._place(key))
        return Compensation(
            "undone", "It was closed: the account may not delete it.", self._place(key)
        )

    def _kept_because(self, issue: Issue, draft: TicketDraft, label: str) -> str:
        """Return what forbids to take a ticket back; empty when nothing does."""
        fields = issue.fields
        if label not in fields.labels or self._is_other(fields.creator):
            return "It is not one that we made."
        is_same_title = fields.summary == " ".join(draft.title.split())
        is_same_text = text_of(fields.description) == self._as_shown(draft.description)
        others = {
            "Somebody changed it since.": [one.author for one in issue.changes.histories],
            "Somebody attached a file to it.": [one.author for one in fields.files],
            "Somebody commented on it.": [one.author for one in self._comments(issue.key)],
        }
        reasons = [why for why, who in others.items() if any(map(self._is_other, who))]
        if fields.subtasks:
            reasons.append("It has subtasks by now.")
        if not (is_same_title and is_same_text):
            reasons.append("Its title or description was changed since.")
        return reasons[0] if reasons else ""

    def _is_other(self, person: Person | None) -> bool:
        return person is None or person.account != self._own_account()
