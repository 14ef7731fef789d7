"""What notebooks show of a run: all of it readable, none of it active."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.domain.changeset import FileChange
from mergewright.domain.delivery import Costs, Outcome, StageState
from mergewright.domain.pull_request import PullRequest
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.run_state import RunState
from mergewright.texts.shown import (
    FEW_LINES,
    delivery_html,
    delivery_text,
    state_html,
    state_text,
)
from tests.texts.conftest import BARE, changeset_of, delivery_of, hostile_delivery
from tests.texts.reading import Reading

ALLOWED = frozenset(
    [
        *("div", "span", "strong", "em", "s", "p", "h1", "h2", "h3", "h4", "h5", "h6", "a", "br"),
        *("table", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "hr", "blockquote"),
        *("code", "pre", "details", "summary"),
    ]
)
ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "![i](https://evil.example/i.png) [x](javascript:alert(1))",
    "</pre></td></table></details><style>*{display:none}</style>",
    "{{ 7 * 7 }}{% raw %}",
)


def words_of(page):
    return " ".join(" ".join(page.words).split())


def assert_harmless(text):
    page = Reading(text)
    assert page.open == []
    assert page.tags <= ALLOWED
    for name, value in page.attributes:
        assert name in {"style", "title", "scope", "href", "rel", "target", "open"}
        assert name != "href" or value.startswith(("https://", "http://"))
        assert "url(" not in (value or "")
    return page


def state_of(**changes):
    fields = {
        "run_id": "track-42-ab12",
        "workflow": "standard_dev",
        "ticket": "TRACK-42",
        "repository": "https://ada:secret@git.example.org/parcels",
        "stages": delivery_of().stages,
        "budget_usd": Decimal(3),
        "seconds": 12.0,
    }
    return RunState.model_validate(fields | changes)


def test_a_report_tells_stages_gates_costs_and_change():
    words = words_of(assert_harmless(delivery_html(delivery_of())))
    for part in (
        "delivered TRACK-42: Latest status is wrong",
        "/home/ada/parcels.pulls/0001-fix-track-42.md",
        "Implement 1 min 15 s 6 0.1873 USD",
        "Lint warned Not checked: nothing to run",
        "0.2077 USD for 7 model calls: 48 210 tokens read",
        "Change: 2 files, +16 \N{MINUS SIGN}1",
        "+ return max(events, key=lambda event: event.at)",
        "edit parcels/tracking.py: the bug",
    ):
        assert part in words


def test_a_report_of_nothing_and_one_of_a_failure():
    assert_harmless(delivery_html(delivery_of(**BARE)))
    failed = delivery_of(outcome=Outcome.FAILED, error="It broke", hint="Mend it")
    words = words_of(Reading(delivery_html(failed)))
    assert "failed TRACK-42" in words
    assert "It broke What to do: Mend it" in words
    assert "outcome: failed\nerror: It broke\nwhat to do: Mend it" in delivery_text(failed)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_word_and_color(outcome):
    assert f">{outcome.value}</span>" in delivery_html(delivery_of(outcome=outcome))
    assert f">{outcome.value}</span>" in state_html(state_of(outcome=outcome.value))


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_others_wrote_shows_and_does_nothing(attack):
    hostile = hostile_delivery(attack)
    page = assert_harmless(delivery_html(hostile))
    assert attack in words_of(page)
    stages = (hostile.stages[0],)
    shown = state_html(state_of(ticket=attack, repository=attack, model=attack, stages=stages))
    assert attack in words_of(assert_harmless(shown))


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_any_text_makes_a_report_that_is_whole(text):
    assert_harmless(delivery_html(hostile_delivery(text)))


def test_letters_that_hide_or_turn_text_are_left_out():
    hostile = hostile_delivery("a\u202egnp.exe\x1b[2J\u200b")
    for shown in (delivery_html(hostile), delivery_text(hostile)):
        assert not {"\u202e", "\x1b", "\u200b"} & set(shown)
    assert "<U+202E>" in words_of(Reading(delivery_html(hostile)))  # the diff hides nothing


def test_only_addresses_of_the_web_are_links():
    offered = {"number": 7, "title": "T", "head": "h", "base": "main"}
    there = PullRequest(url="https://git.example.org/pull/7", **offered)
    assert 'href="https://git.example.org/pull/7"' in delivery_html(delivery_of(pull_request=there))
    bad = PullRequest(url="javascript:alert(1)", **offered)
    assert "href" not in delivery_html(delivery_of(pull_request=bad))


def test_a_long_change_is_folded_and_cut():
    file = FileChange(path="a.py", status="added", additions=9000, deletions=0)
    short = changeset_of().model_copy(update={"diff": "+x\n" * FEW_LINES, "files": (file,)})
    assert "<details" in delivery_html(delivery_of(changeset=short))
    assert delivery_html(delivery_of(changeset=short)).count(" open>") == 1
    long = short.model_copy(update={"diff": "+x\n" * 9000})
    shown = delivery_html(delivery_of(changeset=long))
    assert " open>" not in shown
    assert "cut here: 6000 more lines" in shown


def test_each_line_of_a_diff_has_its_color():
    diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n"
    shown = delivery_html(
        delivery_of(changeset=changeset_of().model_copy(update={"diff": diff}))
    ).replace(";", " ")
    assert 'background:rgba(220,38,38,0.18)">-old</span>' in shown
    assert 'background:rgba(22,163,74,0.18)">+new</span>' in shown
    assert 'font-weight:700">diff --git a/x b/x\n--- a/x\n+++ b/x</span>' in shown


def test_recorded_answers_and_a_missing_sandbox_are_told():
    shown = delivery_html(delivery_of(recorded=True, sandbox=None))
    assert "nothing was paid" in shown
    assert "Recorded answers" in delivery_html(delivery_of(recorded=True))
    assert "recorded answers, nothing was paid" in delivery_text(delivery_of(recorded=True))


def test_a_run_under_way_tells_where_it_is():
    running = delivery_of().stages[0].model_copy(update={"state": StageState.RUNNING})
    state = state_of(stages=(running,), costs=Costs(calls=2, settled_usd=Decimal("0.5")))
    words = words_of(assert_harmless(state_html(state)))
    assert "running TRACK-42 in https://git.example.org/parcels" in words
    assert "12 s · 0.5000 USD of 3.0000 USD · 2 model calls" in words
    assert state_text(state) == "track-42-ab12: Read the ticket, 12 s"


def test_a_run_that_waits_says_how_to_answer():
    shown = words_of(Reading(state_html(state_of(waits_for=ApprovalPoint.PLAN))))
    assert "waiting TRACK-42" in shown
    assert "mergewright approve track-42-ab12 --stage plan" in shown
    ended = state_of(outcome="rehearsed")
    assert "rehearsed TRACK-42" in words_of(Reading(state_html(ended)))
    assert state_text(ended) == "track-42-ab12: rehearsed, 12 s"
