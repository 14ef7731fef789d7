"""A pull request with everything, and a ticket that shows how far its run is."""

import re

import pytest

from flows.standard_dev import standard_dev
from flows.undo import undo
from mergewright.clients.folder_tracker import FolderTracker
from mergewright.clients.local_forge import LocalForge
from mergewright.domain.ticket import StatusCategory
from mergewright.domain.undo import UndoRequest
from mergewright.errors import BudgetExceeded
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.journeys import greeting_answers
from tests.journeys.places import Shop, commit_all, git

pytestmark = [pytest.mark.engine, pytest.mark.journey]

POLICY = """\
branch: "{{ prefix }}/{{ base }}/{{ ticket.key }}"
branch_prefixes: {bug: bugfix}
labels:
  paths: {"*.py": python, "docs/**": docs}
reviewers: [zoe]
pull_requests:
  assignees: [ada]
  milestone: "2.0"
  max_reviewers: 2
"""
TEMPLATE = """\
<!-- Say what you did. -->
## Description

## Checklist
- [ ] New and existing tests pass
- [ ] The documentation is up to date
"""


@pytest.fixture
def owned(home, tmp_path, engine, monkeypatch):
    """A tiny repository with owners, a template and a history."""
    repository, ticket = tmp_path / "tally", tmp_path / "GREET-1.md"
    (repository / ".github").mkdir(parents=True)
    git(repository, "init", "--quiet", "--initial-branch", "main")
    for name, text in greeting_answers.FILES.items():
        (repository / name).write_text(text)
    (repository / ".github" / "CODEOWNERS").write_text("*.py @org/greeters\n")
    (repository / ".github" / "pull_request_template.md").write_text(TEMPLATE)
    (repository / ".mergewright.yml").write_text(POLICY)
    commit_all(repository, "Greet")
    git(repository, "branch", "bugfix/main/GREET-10")
    ticket.write_text(greeting_answers.TICKET.replace("kind: bug", "kind: bug\nlabels: [polite]"))
    with MessagesServer(greeting_answers.reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        yield Shop(home=home, repository=repository, ticket=ticket, api=engine)


def comments(shop):
    text = (shop.home / "tickets" / "GREET-1.md").read_text()
    return text[text.index("<!-- mergewright:comment") :] if "mergewright:comment" in text else ""


def test_a_pull_request_has_everything_and_loses_it_again(owned):
    delivery = standard_dev(owned.request())
    (path,) = owned.repository.with_name("tally.pulls").glob("0001-*.md")
    opened = LocalForge().pull_request(str(owned.repository), 1)
    assert opened.model_dump() == delivery.pull_request.model_dump()
    assert delivery.branch == "bugfix/main/GREET-1"
    assert opened.labels == ("polite", "bug", "python")
    assert (opened.team_reviewers, opened.reviewers) == (("greeters",), ("zoe",))
    assert (opened.assignees, opened.milestone) == (("ada",), "2.0")
    text = path.read_text()
    assert "Say what you did" not in text
    assert text.index("## Description") < text.index("The greeting has a comma.")
    assert "- [x] New and existing tests pass (gate Tests, Proof)" in text
    assert "- [ ] The documentation is up to date" in text
    assert re.search(r"`greeters` \(team\): suggested because it owns .*by CODEOWNERS", text)
    assert "`zoe`: suggested because they are named in .mergewright.yml" in text
    assert "Ada Moreau: not asked; they worked on greeting.py, test_greeting.py lately" in text
    gates = path.with_name(f"gates-{delivery.commit}.md").read_text()
    assert "mergewright/Tests: 'passed: " in gates or "mergewright/Tests: passed" in gates

    ticket = (owned.home / "tickets" / "GREET-1.md").read_text()
    assert ticket.count("<!-- mergewright:comment ") == 1
    assert "outside_links" in ticket.split("\n---\n")[0]
    assert path.as_uri() in ticket.split("\n---\n")[0]
    assert "status: in review" in ticket

    report = undo(UndoRequest(run_id=delivery.run_id))
    assert report.complete
    closed = LocalForge().pull_request(str(owned.repository), 1)
    assert (closed.state, closed.labels, closed.reviewers) == ("closed", (), ())
    assert (closed.team_reviewers, closed.assignees, closed.milestone) == ((), (), "")
    assert "taken back" in path.with_name(f"gates-{delivery.commit}.md").read_text()
    ticket = (owned.home / "tickets" / "GREET-1.md").read_text()
    assert "outside_links" not in ticket
    assert "mergewright:comment" not in ticket
    assert FolderTracker(owned.home / "tickets").ticket("GREET-1").status is StatusCategory.TO_DO


def test_the_ticket_tells_that_a_run_stopped_and_that_it_goes_on(owned):
    with pytest.raises(BudgetExceeded):
        standard_dev(owned.request(budget_usd=0.0001))
    assert "**Stopped.**" in comments(owned)
    assert (
        FolderTracker(owned.home / "tickets").ticket("GREET-1").status is StatusCategory.IN_PROGRESS
    )
    with pytest.raises(BudgetExceeded):
        standard_dev(owned.request(budget_usd=0.0002))
    told = [event.target for event in owned.events("effect_done") if event.effect == "progress"]
    assert told == ["GREET-1:plan", "GREET-1:stopped-1", "GREET-1:plan-2", "GREET-1:stopped-2"]
    delivery = standard_dev(owned.request())
    assert delivery.outcome == "delivered"
    assert "Stopped" not in comments(owned)
    assert comments(owned).count("<!-- mergewright:comment ") == 1
    assert undo(UndoRequest(run_id=delivery.run_id)).complete
    assert comments(owned) == ""


def test_a_rehearsal_changes_nothing_on_the_ticket(owned):
    standard_dev(owned.request(dry_run=True))
    assert comments(owned) == ""
    assert FolderTracker(owned.home / "tickets").ticket("GREET-1").status is StatusCategory.TO_DO
