"""A finished run is executed again without a model, without the repository, to the same change."""

import pytest

from flows.replay import replay
from flows.standard_dev import standard_dev
from mergewright.agents import tools
from mergewright.domain.replay import ReplayRequest
from mergewright.errors import ChecksFailed, NotFound, Rejected
from mergewright.events.projections import report_of
from mergewright.patching.edits import apply_replacements
from tests.journeys.places import json_of
from tests.journeys.tally_answers import stage_of

pytestmark = [pytest.mark.engine, pytest.mark.journey]


@pytest.fixture
def delivered(shop, messages):
    delivery = standard_dev(shop.request())
    messages.requests.clear()
    return delivery


def test_a_replay_comes_to_the_same_change(shop, messages, delivered):
    shop.repository.rename(shop.repository.with_name("moved-away"))
    effects = len(shop.events("effect_done"))
    report = replay(ReplayRequest(run_id=delivered.run_id))
    assert report.same
    assert report.digest == delivered.changeset.digest
    assert (report.answers, report.drifted) == (25, 0)
    assert not messages.requests
    assert len(shop.events("effect_done")) == effects

    stopped = replay(ReplayRequest(run_id=delivered.run_id, until="plan"))
    assert (stopped.answers, stopped.digest) == (6, "")

    done = shop.call(shop.command("replay", delivered.run_id, "--json"))
    assert done.returncode == 0, done.stderr
    assert json_of(done)["same"] is True


def test_another_engine_comes_to_another_change_and_is_told(shop, delivered, monkeypatch):
    """A tool that edits otherwise than it did then, as a faulty new version would."""

    def apply_and_add_a_line(path, text, replacements):
        return apply_replacements(path, text, replacements) + "# more\n"

    monkeypatch.setattr(tools, "apply_replacements", apply_and_add_a_line)
    with pytest.raises(ChecksFailed, match="came to another change") as caught:
        replay(ReplayRequest(run_id=delivered.run_id))
    assert "mergewright show" in caught.value.hint


def test_another_prompt_asks_a_model_from_where_it_is_used(shop, messages, delivered):
    """The reviewer's prompt: review, repair and review are asked for again, and nothing before."""
    (kept,) = (shop.home / "prompts").glob("qa@*")
    report = replay(ReplayRequest(run_id=delivered.run_id, with_prompt=kept.name))
    assert {stage_of(body) for body in messages.requests} == {"review-0", "repair-1", "review-1"}
    assert len(messages.requests) == 10
    assert report.same
    assert (report.answers, report.asked) == (15, 10)
    delivery = replayed_report(shop, report.replay_id)
    assert delivery.costs.is_mixed
    assert report.paid_usd + report.recorded_usd == delivery.costs.settled_usd
    assert report.paid_usd > 0 < report.recorded_usd
    told = (shop.home / "runs" / report.replay_id / "report.md").read_text()
    assert "for 15 recorded answers was not paid" in told
    with pytest.raises(NotFound, match="0 kept versions"):
        replay(ReplayRequest(run_id=delivered.run_id, with_prompt="qa@000000"))


def test_a_run_without_a_change_cannot_be_replayed(shop, messages):
    with pytest.raises(NotFound, match="nobody"):
        replay(ReplayRequest(run_id="nobody-1"))
    ready = standard_dev(shop.request(ticket=str(short_ticket(shop))))
    with pytest.raises(Rejected, match="never got as far"):
        replay(ReplayRequest(run_id=ready.run_id))


def replayed_report(shop, run_id):
    return report_of(one for one in shop.events() if one.run_id == run_id)


def short_ticket(shop):
    path = shop.ticket.with_name("TALLY-9.md")
    path.write_text("---\nkey: TALLY-9\ntitle: It is wrong\n---\nPlease fix.\n")
    return path
