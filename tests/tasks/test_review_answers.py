"""Each thread gets its own answer, and what has none is answered in one remark; over real HTTP."""

from decimal import Decimal

import pytest

from mergewright.budget.limits import Caps
from mergewright.domain.pull_request import PullRequest
from mergewright.domain.review import CriterionVerdict
from mergewright.events.journal import Journal
from mergewright.events.ledger import Ledger
from mergewright.events.projections import read_events
from mergewright.events.undo_list import undo_plan
from mergewright.texts.follow_ups import review_criteria
from tasks._runs import event_store
from tasks.follow_ups import Reviewed, _answered
from tasks.review_answers import Done, answer_all
from tests.clients.test_github_reviews import said

COMMIT = "c" * 40


@pytest.fixture
def journal(run, home):
    store = event_store()
    return Journal(store, run.id, "answer", ledger=Ledger(store, run.id, Caps(run_usd=Decimal(1))))


def reviewed_at(server, host):
    opened = PullRequest(number=1, url="u", title="t", head="fix/gh-7", base="main")
    said = host.review_comments(server.repository, 1)
    return Reviewed(pull_request=opened, head=COMMIT, base_commit="b" * 40, comments=said)


def test_each_thread_is_answered_by_itself_once_and_it_can_be_undone(run, journal, host, server):
    server.add_review_comment(1, "Sum them.")
    server.add_review_comment(1, "And this?", path="shop/tax.py")
    server.talk = [server._talk()]
    server.talk[0]["comments"]["nodes"].append(said(9, "Looks fine, but slow."))
    reviewed = reviewed_at(server, host)
    (sum_them,) = [one for one in reviewed.comments if one.body == "Sum them."]
    (criterion,) = review_criteria([sum_them])
    verdict = CriterionVerdict(criterion=criterion, met=True, evidence="test_sums adds them up")
    done = Done("They are summed.", COMMIT, (verdict,))
    where = answer_all(run, journal, host, reviewed, done)
    assert len(set(where)) == 3
    first, second = (one["body"] for one in server.review_comments[2:])
    assert "Shown by: test_sums adds them up" in first.replace("\\", "")
    assert "They are summed." in first
    assert "They are summed." in second
    assert "Shown by" not in second
    assert "And this?" not in first
    (remark,) = [one["body"] for one in server.comments if "They are summed" in one["body"]]
    assert "Looks fine, but slow." in remark
    assert "Sum them." not in remark
    assert _answered(journal.store, run.repository, 1) == {one.id for one in reviewed.comments}
    sent = len(server.requests)
    assert answer_all(run, journal, host, reviewed, done) == where
    assert len(server.requests) == sent

    steps = undo_plan(read_events(journal.store, run.id))
    assert [step.effect for step in steps] == ["remark", "reply", "reply"]


def test_a_thread_that_is_gone_is_answered_below(run, journal, host, server):
    server.add_review_comment(1, "Sum them.")
    reviewed = reviewed_at(server, host)
    server.review_comments.clear()
    (where,) = answer_all(run, journal, host, reviewed, Done("They are summed.", ""))
    assert where == server.comments[-1]["html_url"]
    assert "Sum them." in server.comments[-1]["body"]


class Threadless:
    """Another code host, which offers the port and no more."""

    def __init__(self, host):
        self.remark = host.remark


def test_a_code_host_without_threads_gets_the_one_remark(run, journal, host, server):
    server.add_review_comment(1, "Sum them.")
    server.add_review_comment(1, "And this?", path="shop/tax.py")
    reviewed = reviewed_at(server, host)
    answer_all(run, journal, Threadless(host), reviewed, Done("They are summed.", ""))
    (remark,) = [one["body"] for one in server.comments]
    assert "Sum them." in remark
    assert "And this?" in remark
    assert len(server.review_comments) == 2
