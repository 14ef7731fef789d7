import pytest

from mergewright.clients.github_issue import Issue, StatusLabels, number_of, ticket_of
from mergewright.domain.ticket import StatusCategory, TicketKind
from mergewright.errors import NotFound

WEB = "https://github.com"


@pytest.mark.parametrize(
    "name",
    [
        *("GH-7", "gh-7", "#7", "7", "team/shop#7", "Team/Shop#7"),
        *("https://github.com/team/shop/issues/7", "https://github.com/team/shop/issues/7/"),
    ],
)
def test_all_names_of_an_issue(name):
    assert number_of(name, repository="team/shop", web=WEB) == 7


@pytest.mark.parametrize(
    "name",
    [
        *("", "GH-", "GH-0", "JIRA-7", "../7", "7/../8", "GH-7 ", "#-7", "GH-7\n", "\u0667"),
        *(
            "other/shop#7",
            "https://github.com/team/other/issues/7",
            "http://github.com/team/shop/issues/7",
        ),
        *("https://github.com/team/shop/pull/7", "https://example.org/team/shop/issues/7"),
        *("https://u:hunter22@github.com/team/shop/issues/7", "https://[::1/team/shop/issues/7"),
    ],
)
def test_what_names_no_issue_of_the_repository(name):
    with pytest.raises(NotFound) as caught:
        number_of(name, repository="team/shop", web=WEB)
    assert caught.value.hint


def ticket(**fields):
    about = {"number": 7, "title": "A  title"}
    issue = Issue.model_validate(about | fields)
    return ticket_of(issue, (), (), status_labels=StatusLabels())


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["kind/bug"], TicketKind.BUG),
        (["documentation"], TicketKind.DOCUMENTATION),
        (["enhancement"], TicketKind.FEATURE),
        (["debug", "ui"], TicketKind.TASK),
        ([], TicketKind.TASK),
    ],
)
def test_the_kind_follows_the_labels(labels, kind):
    assert ticket(labels=[{"name": name} for name in labels]).kind is kind
    assert ticket(labels=labels).kind is kind


def test_the_issue_type_comes_first():
    assert ticket(type={"name": "Feature"}, labels=["bug"]).kind is TicketKind.FEATURE


@pytest.mark.parametrize(
    ("state", "labels", "status"),
    [
        ("open", [], StatusCategory.TO_DO),
        ("open", ["In Progress"], StatusCategory.IN_PROGRESS),
        ("open", ["in progress", "in review"], StatusCategory.IN_REVIEW),
        ("closed", ["in review"], StatusCategory.DONE),
    ],
)
def test_where_it_stands(state, labels, status):
    assert ticket(state=state, labels=labels).status is status


def test_what_a_ticket_keeps():
    body = "Why.\r\n\r\n### Acceptance criteria\r\n\r\n- [ ] Sums are right\r\n- [x] Tests\r\n"
    found = ticket(body=body, labels=["priority: high"], milestone={"number": 1, "title": "1.2"})
    assert (found.key, found.title, found.priority) == ("GH-7", "A title", "high")
    assert found.acceptance_criteria == ("Sums are right", "Tests")
    assert found.links == ("in the milestone '1.2'",)
    assert "\r" not in found.description
    assert ticket(labels=["P1"]).priority == "P1"
    assert ticket(title="", body=None).title == "GH-7"
