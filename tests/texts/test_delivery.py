"""Page, comments and notice of a run, and what holds for every text about it."""

import itertools

import pytest
from inline_snapshot import snapshot

from mergewright.domain.checks import SandboxLevel
from mergewright.domain.delivery import Outcome
from mergewright.domain.readiness import Readiness, ReadinessVerdict
from mergewright.texts.delivery import (
    notice,
    page_body,
    pull_request_body,
    pull_request_title,
    questions_comment,
    report,
    ticket_comment,
)
from tests.texts.conftest import BARE, changeset_of, delivery_of, hostile_delivery, ticket_of
from tests.texts.test_escaping import HOSTILE, PARSER, SPEAKS, tokens

TEXTS = [page_body, ticket_comment, report]


def test_the_page(delivery):
    assert page_body(delivery) == snapshot("""\
Ticket TRACK-42 (`/tracker/TRACK-42.md`), pull request #1 (`/home/ada/parcels.pulls/0001-fix-track-42.md`), commit `333333333333`, 2026-05-04.

## What is different

`latest()` compared whole events; it now compares their instants.

- `tracking.latest` uses `max` with the instant as key
- the new test sends events out of order

| File | Change | Lines |
| --- | --- | --- |
| `parcels/tracking.py` | modified | +2 -1 |
| `tests/test_tracking.py` | added | +14 -0 |

## Why

`latest()` sorts events by their fields in order of declaration.

The carrier's name comes before the instant, so it decides.

What was found out on the way:

- Only `tracking.latest` is affected (`parcels/tracking.py:12`)

## How

Compare events by instant only.

1. Write a test that sends events out of order
2. Use the instant as key

Tests planned:

- Two events out of order

Risks:

- Callers may rely on the order of carriers

## How it was verified

The QA agent approves the change, after 1 repair round.

The change does what the ticket asks for and nothing else.

| Criterion | Met | Shown by |
| --- | --- | --- |
| The event with the latest instant wins | yes | tests/test_tracking.py::test_out_of_order |

Findings:

- minor, `parcels/tracking.py:13`: `latest` of no events still raises ValueError

Gates: 4 passed, 1 warned.
""")


def test_the_ticket_comment(delivery):
    assert ticket_comment(delivery) == snapshot("""\
**Delivered:** pull request #1 (`/home/ada/parcels.pulls/0001-fix-track-42.md`), from branch `fix/track-42-latest-status-is-wrong` to `main`.

`latest()` compared whole events; it now compares their instants.

- `tracking.latest` uses `max` with the instant as key
- the new test sends events out of order

Gates: 4 passed, 1 warned. Review: approved, 1 of 1 criteria met.

Documented: TRACK-42 (`/pages/deliveries/track-42.md`).

Please review and merge it, or say what is missing.
""")


def test_the_questions():
    readiness = Readiness(
        verdict=ReadinessVerdict.UNCLEAR,
        reasons=("No example is given",),
        questions=("Which carriers?", "Since when?"),
    )
    assert questions_comment(ticket_of(), readiness) == snapshot("""\
This ticket cannot be worked on as it is. No change was made.

- No example is given

Please answer:

1. Which carriers?
2. Since when?

Answer in the description or in a comment, then start the run again.
""")


@pytest.mark.parametrize("verdict", ReadinessVerdict)
def test_every_verdict_has_its_own_opening(verdict):
    text = questions_comment(ticket_of(), Readiness(verdict=verdict))
    assert len(text.strip().split("\n\n")) == 2


def test_the_notice(delivery):
    told = notice(delivery)
    assert told.subject == (
        "TRACK-42 delivered: Latest status is wrong when events arrive out of order"
    )
    assert told.level == "information"
    assert told.url == "file:///home/ada/parcels.pulls/0001-fix-track-42.md"
    assert told.body == ticket_comment(delivery).strip()


def test_recorded_answers_and_a_missing_sandbox_are_said_loudly():
    loud = delivery_of(recorded=True, sandbox=SandboxLevel.LIMITS)
    for text in (pull_request_body(loud), report(loud), page_body(loud), ticket_comment(loud)):
        assert "> **Recorded answers.** No model was asked" in text
        assert "> **No sandbox.**" in text
    assert "**Recorded answers: nothing was paid.**" in pull_request_body(loud)
    assert "**nothing was paid**" in report(loud)
    quiet = delivery_of()
    assert "ecorded" not in report(quiet)
    assert "No sandbox" not in report(quiet)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_text_is_written_however_little_is_known(outcome):
    full = delivery_of()
    for known in itertools.chain([()], ((name,) for name in BARE)):
        values = BARE | {name: getattr(full, name) for name in known} | {"outcome": outcome}
        for write in TEXTS:
            assert write(delivery_of(**values)).strip()
        assert notice(delivery_of(**values)).subject


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.FAILED])
def test_hostile_text_does_nothing_anywhere(text, outcome):
    hostile = hostile_delivery(text.replace("\ud800", ""), outcome)
    own = {"h1", "h2"}
    for written in (*(write(hostile) for write in TEXTS), pull_request_body(hostile)):
        parsed = tokens(written)
        assert not {"html_block", "html_inline", "image", "link_open"} & {
            one.type for one in parsed
        }
        headings = [one for one in parsed if one.type == "heading_open"]
        assert all(one.tag in own for one in headings)
        for token in parsed:
            if token.type == "text" and token.content != "pull request #1":
                assert not SPEAKS.search(token.content.replace("pull request #1", ""))
        check_tables(written)


def check_tables(written: str) -> None:
    for table in written.split("\n\n"):
        if table.startswith("| ") and "\n| --- |" in table:
            rows = [
                one for one in PARSER.parse(table) if one.type in {"tr_open", "td_open", "th_open"}
            ]
            shape = "".join("r" if one.type == "tr_open" else "c" for one in rows).split("r")[1:]
            assert len(set(shape)) == 1, table
            assert len(shape) == len(table.strip().split("\n")) - 1


def test_values_are_never_rendered_as_templates():
    hostile = hostile_delivery("{{ 7 * 7 }} {% include 'x' %} {{ delivery }}")
    for written in (*(write(hostile) for write in TEXTS), pull_request_body(hostile)):
        assert "{{ 7 * 7 }} {% include 'x' %} {{ delivery }}" in written.replace("\\", "")
        assert "49" not in written


def test_titles_are_one_short_line():
    title = pull_request_title(ticket_of(), changeset_of(commit_subject="Mend it\n\nfor @all " * 4))
    assert title.startswith("TRACK-42: Mend it for @")
    assert "\n" not in title
    assert len(title) <= 120
    told = notice(delivery_of(ticket=ticket_of(title="x" * 300)))
    assert len(told.subject) == 120
