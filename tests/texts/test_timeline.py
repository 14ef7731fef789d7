"""What happened when, for the report of an incident."""

from mergewright.domain.backport import Backport
from mergewright.domain.events import EffectDone, GateChecked
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.release import Release
from mergewright.texts.delivery import pull_request_body, report, ticket_comment
from mergewright.texts.timeline import timeline
from tests.events.samples import at, finished, note, stage_finished, started

RELEASE = Release(name="v1.4.2", commit="c" * 40, branch="release/1.4")


def hotfix(delivery, **changes):
    fields = {"release": RELEASE, "severity": "critical", **changes}
    return delivery.model_copy(update=fields)


def test_the_timeline_tells_in_order_what_a_reader_asks_for(delivery):
    failed = Gate(name="Bounds", status=GateStatus.FAILED, summary="9 of 6 files")
    pushed = EffectDone(
        run_id="run-1", stage="push", at=at(50), effect="branch", target="hotfix/t-1|x", found=False,
        reference="abc",
    )  # fmt: skip
    events = [
        started(seconds=0),
        note("nobody asks for it", seconds=1),
        stage_finished("preflight", seconds=2),
        stage_finished("reproduce-0", summary="test_a is red", seconds=10),
        GateChecked(run_id="run-1", stage="bounds-0", at=at(20), gate=failed),
        started(seconds=30),
        pushed,
        finished(seconds=60),
    ]
    text = timeline(hotfix(delivery), events)
    order = [
        "The run began",
        "reproduce-0 done",
        "Gate Bounds said no",
        "went on",
        "branch: hotfix",
        "run ended",
    ]
    assert [text.index(word) for word in order] == sorted(text.index(word) for word in order)
    assert "2026-11-20 12:00:10" in text
    assert "nobody asks for it" not in text
    assert "preflight" not in text
    assert "hotfix/t-1\\|x" in text


def test_texts_tell_of_release_severity_and_the_main_branch(delivery):
    opened = delivery.pull_request.model_copy(update={"number": 7, "url": "https://x.test/7"})
    done = hotfix(
        delivery, backport=Backport(base="main", pull_request=opened, conflicts=("shop.py",))
    )
    refused = hotfix(delivery, backport=Backport(base="main", reason="main changed the same lines"))
    for text in (report, ticket_comment, pull_request_body):
        assert "`v1.4.2`, mended in `release/1.4`" in text(done)
        assert "critical" in text(done)
        assert "[pull request #7](https://x.test/7)" in text(done)
        assert "**resolved conflicts** in `shop.py`" in text(done)
        assert "**not done:** main changed the same lines" in text(refused)
        assert "Release" not in text(delivery)
