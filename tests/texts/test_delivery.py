import itertools
import subprocess
from decimal import Decimal

import pytest
from inline_snapshot import snapshot

from mergewright.domain.checks import SandboxLevel
from mergewright.domain.delivery import Costs, Outcome, StageRecord, StageState
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.readiness import Readiness, ReadinessVerdict
from mergewright.domain.review import CriterionVerdict, Review, ReviewVerdict
from mergewright.domain.triage import Suggestion, Triage
from mergewright.texts.delivery import (
    MAX_PULL_REQUEST_CHARACTERS,
    closing_words,
    notice,
    page_body,
    pull_request_body,
    pull_request_title,
    questions_comment,
    report,
    ticket_comment,
)
from tests.texts.conftest import AT, changeset_of, delivery_of, ticket_of
from tests.texts.test_escaping import HOSTILE, PARSER, SPEAKS, tokens

BARE = {
    "ticket": None,
    "research": None,
    "plan": None,
    "changeset": None,
    "checks": None,
    "gates": (),
    "review": None,
    "pull_request": None,
    "page": None,
    "stages": (),
    "costs": Costs(),
    "sandbox": None,
    "branch": "",
    "commit": "",
    "base_commit": "",
    "model": "",
}
TEXTS = [page_body, ticket_comment, report]


def test_the_pull_request_body(delivery):
    assert pull_request_body(delivery) == snapshot("""\
**Ticket:** TRACK-42 (`/tracker/TRACK-42.md`) Latest status is wrong when events arrive out of order

## Why

`latest()` sorts events by their fields in order of declaration.

The carrier's name comes before the instant, so it decides.

## What changed

`latest()` compared whole events; it now compares their instants.

- `tracking.latest` uses `max` with the instant as key
- the new test sends events out of order

| File | Change | Lines |
| --- | --- | --- |
| `parcels/tracking.py` | modified | +2 -1 |
| `tests/test_tracking.py` | added | +14 -0 |

Worth a look:

- Events of the same instant keep the first one, as before

## Plan

Compare events by instant only.

1. Write a test that sends events out of order
2. Use the instant as key

Tests planned:

- Two events out of order

Risks:

- Callers may rely on the order of carriers

## Gates

| Gate | Result | What was seen |
| --- | --- | --- |
| Syntax | passed | No new findings |
| Tests | passed | 27 green, 1 of them new; 1 were red before the change and still are |
| Proof | passed | 1 tests are red on the base and green on the change |
| Lint | **warned** | Not checked: nothing to run |
| Secrets | passed | None in the added lines |

Proof:

- tests/test_tracking.py::test_out_of_order

Red before this change and still red, so not held against it:

- `tests/test_labels.py::test_umlauts`

Checks ran in: bubblewrap (no network, own file system).

## Review

The QA agent approves the change, after 1 repair round.

The change does what the ticket asks for and nothing else.

| Criterion | Met | Shown by |
| --- | --- | --- |
| The event with the latest instant wins | yes | tests/test_tracking.py::test_out_of_order |

Findings:

- minor, `parcels/tracking.py:13`: `latest` of no events still raises ValueError

## Try it

```sh
cd /home/ada/parcels
git diff 111111111111...fix/track-42-latest-status-is-wrong
git switch fix/track-42-latest-status-is-wrong
```

## Cost

0.2077 USD for 7 model calls (`anthropic:claude-opus-5-5`): 48 210 tokens read, 3 911 tokens written.

---

Made by Mergewright in run `track-42-20260504-093000-ab12` (standard-dev). A person decides whether it is merged.
""")


def test_the_report(delivery):
    assert report(delivery) == snapshot('''\
# TRACK-42: Latest status is wrong when events arrive out of order

**Delivered:** pull request #1 (`/home/ada/parcels.pulls/0001-fix-track-42.md`), from branch `fix/track-42-latest-status-is-wrong` to `main`.

| | |
| --- | --- |
| Ticket | TRACK-42 (`/tracker/TRACK-42.md`) |
| Repository | `/home/ada/parcels` |
| Base | `main` at `111111111111` |
| Branch | `fix/track-42-latest-status-is-wrong` at `333333333333` |
| Page | version 2, `/pages/deliveries/track-42.md` |
| Run | `track-42-20260504-093000-ab12`, 2026-05-04 09:30 UTC, 1 min 33 s |
| Model | `anthropic:claude-opus-5-5` |
| Checks ran in | bubblewrap (no network, own file system) |
| Cost | 0.2077 USD |

## Timeline

| Stage | State | Took | Model calls | Cost | Last |
| --- | --- | ---: | ---: | ---: | --- |
| Read the ticket | done | 0.2 s |  |  |  |
| Analyse the code base | reused | 0.0 s |  |  | found: same commit |
| Implement | done | 1 min 15 s | 6 | 0.1873 USD | edited tests/test_tracking.py |
| Review | done | 13 s | 1 | 0.0204 USD | approved \\| all met |

## Why

`latest()` sorts events by their fields in order of declaration.

The carrier's name comes before the instant, so it decides.

## Plan

Compare events by instant only.

1. Write a test that sends events out of order
2. Use the instant as key

Tests planned:

- Two events out of order

Risks:

- Callers may rely on the order of carriers

## What changed

`latest()` compared whole events; it now compares their instants.

- `tracking.latest` uses `max` with the instant as key
- the new test sends events out of order

| File | Change | Lines |
| --- | --- | --- |
| `parcels/tracking.py` | modified | +2 -1 |
| `tests/test_tracking.py` | added | +14 -0 |

## Gates

| Gate | Result | What was seen |
| --- | --- | --- |
| Syntax | passed | No new findings |
| Tests | passed | 27 green, 1 of them new; 1 were red before the change and still are |
| Proof | passed | 1 tests are red on the base and green on the change |
| Lint | **warned** | Not checked: nothing to run |
| Secrets | passed | None in the added lines |

Proof:

- tests/test_tracking.py::test_out_of_order

Red before this change and still red, so not held against it:

- `tests/test_labels.py::test_umlauts`

| Check | Result | Tests | Took | Command |
| --- | --- | ---: | ---: | --- |
| syntax | passed | 0 | 0.0 s |  |
| tests | **failed** | 2, 1 red | 3.4 s | `python -m pytest -q` |

## Review

The QA agent approves the change, after 1 repair round.

The change does what the ticket asks for and nothing else.

| Criterion | Met | Shown by |
| --- | --- | --- |
| The event with the latest instant wins | yes | tests/test_tracking.py::test_out_of_order |

Findings:

- minor, `parcels/tracking.py:13`: `latest` of no events still raises ValueError

## Try it

```sh
cd /home/ada/parcels
git diff 111111111111...fix/track-42-latest-status-is-wrong
git switch fix/track-42-latest-status-is-wrong
```

## Cost

0.2077 USD for 7 model calls (`anthropic:claude-opus-5-5`): 48 210 tokens read, 3 911 tokens written.

## The change

````diff
diff --git a/parcels/tracking.py b/parcels/tracking.py
--- a/parcels/tracking.py
+++ b/parcels/tracking.py
@@ -12,3 +12,5 @@ def latest(events):
-    return sorted(events)[-1]
+    """```latest``` by instant."""
+    return max(events, key=lambda event: event.at)
````
''')


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


def test_the_report_of_a_failure():
    stages = (
        StageRecord(name="Read the ticket", state=StageState.FAILED, started_at=AT, seconds=0.1),
    )
    failed = delivery_of(
        **BARE
        | {
            "outcome": Outcome.FAILED,
            "stages": stages,
            "error": "'/x/T.md', line 3: the field 'title' is missing or empty.",
            "hint": "The least that a ticket file holds:\n\n    ---\n    key: TODO-7\n    ---\n",
        }
    )
    assert report(failed) == snapshot("""\
# Run track-42-20260504-093000-ab12

**Failed** in stage Read the ticket.

## What went wrong

'/x/T.md', line 3: the field 'title' is missing or empty.

**What to do:** The least that a ticket file holds:

```
---
key: TODO-7
---
```

| | |
| --- | --- |
| Repository | `/home/ada/parcels` |
| Base | `main` |
| Run | `track-42-20260504-093000-ab12`, 2026-05-04 09:30 UTC, 1 min 33 s |
| Cost | 0 USD |

## Timeline

| Stage | State | Took | Model calls | Cost | Last |
| --- | --- | ---: | ---: | ---: | --- |
| Read the ticket | **failed** | 0.1 s |  |  |  |

## Cost

No model call was paid for.
""")
    told = notice(failed)
    assert told.level == "warning"
    assert told.subject == "track-42-20260504-093000-ab12 failed"
    assert "key: TODO-7" in told.body


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


def test_old_failures_are_not_blamed_and_unknown_ones_are_not_excused(delivery):
    assert "not held against it:\n\n- `tests/test_labels.py::test_umlauts`" in report(delivery)
    failed = Gate(name="Tests", status=GateStatus.FAILED, summary="1 new failures")
    unknown = report(delivery_of(gates=(failed,), outcome=Outcome.FAILED))
    assert "not held against it" not in unknown
    assert "Red on the change:\n\n- `tests/test_labels.py::test_umlauts`: assert" in unknown
    assert "| Tests | **failed** | 1 new failures |" in unknown


def test_what_a_command_printed_is_shown_as_code():
    broken = Gate(
        name="Lint", status=GateStatus.FAILED, summary="Could not run", details=("a\n```\n<b>",)
    )
    assert "Lint:\n\n````text\na\n```\n<b>\n````\n" in report(delivery_of(gates=(broken,)))


def test_a_remote_repository_is_fetched_without_its_password():
    remote = delivery_of(
        repository="https://me:secret@x.example/p;rm -rf.git", branch="fix/a-$(id)"
    )
    body = pull_request_body(remote)
    assert "git fetch 'https://x.example/p;rm -rf.git' 'fix/a-$(id)'   # in a clone" in body
    assert "secret" not in body + report(remote)


def test_the_commands_to_try_it_work(tmp_path):
    repository = tmp_path / "my parcels"
    git = ["git", "-C", str(repository), "-c", "user.name=A", "-c", "user.email=a@b.example"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(repository)], check=True)
    for args in (["commit", "-q", "--allow-empty", "-m", "x"], ["branch", "fix/a'b"]):
        subprocess.run([*git, *args], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    commit = head.stdout.strip()
    body = pull_request_body(
        delivery_of(repository=str(repository), branch="fix/a'b", base_commit=commit, commit=commit)
    )
    script = body.split("```sh\n")[1].split("```")[0]
    subprocess.run(["sh", "-ec", script], check=True)
    now = subprocess.run([*git, "branch", "--show-current"], check=True, capture_output=True)
    assert now.stdout == b"fix/a'b\n"


def test_a_dry_run_offers_nothing_to_try():
    rehearsed = delivery_of(outcome=Outcome.REHEARSED, pull_request=None)
    assert "## Try it" not in report(rehearsed)
    assert "nothing was published" in report(rehearsed)
    assert "## The change" in report(rehearsed)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_text_is_written_however_little_is_known(outcome):
    full = delivery_of()
    for known in itertools.chain([()], ((name,) for name in BARE)):
        values = BARE | {name: getattr(full, name) for name in known} | {"outcome": outcome}
        for write in TEXTS:
            assert write(delivery_of(**values)).strip()
        assert notice(delivery_of(**values)).subject


def hostile_delivery(text: str, outcome: Outcome = Outcome.DELIVERED):
    full = delivery_of()
    review = Review(
        verdict=ReviewVerdict.REQUEST_CHANGES,
        summary=text,
        criteria=(CriterionVerdict(criterion=text, met=False, evidence=text),),
        findings=(full.review.findings[0].model_copy(update={"path": text, "message": text}),),
    )
    plan = {"summary": text, "steps": (text,), "test_plan": (text,), "risks": (text,)}
    changeset = changeset_of(summary=text, commit_subject=f"Change {text}"[:100], notes=(text,))
    file = changeset.files[0].model_copy(update={"path": text})
    finding = full.research.findings[0].model_copy(update={"statement": text})
    research = {"summary": text, "likely_cause": text, "findings": (finding,)}
    return delivery_of(
        outcome=outcome,
        ticket=ticket_of(title=text[:300], description=text),
        repository=text,
        branch=text,
        base=text,
        model=text,
        plan=full.plan.model_copy(update=plan),
        changeset=changeset.model_copy(update={"files": (file,), "diff": f"+{text}\n"}),
        research=full.research.model_copy(update=research),
        review=review,
        gates=(
            Gate(name=text, status=GateStatus.FAILED, summary=text, details=(text, f"a\n{text}")),
        ),
        questions=(text,),
        error=text,
        hint=text,
        stages=(full.stages[0].model_copy(update={"name": text, "detail": text}),),
    )


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


def test_texts_of_any_length_stay_within_what_a_code_host_takes():
    long = hostile_delivery("`x` <b> @a " * 2000)
    many = long.model_copy(
        update={
            "gates": long.gates * 100,
            "review": long.review.model_copy(update={"criteria": long.review.criteria * 100}),
        }
    )
    body = pull_request_body(many)
    assert len(body) <= MAX_PULL_REQUEST_CHARACTERS + 100
    assert body.endswith("The run's report holds all.*\n")
    assert not {"html_block", "html_inline"} & {token.type for token in tokens(body)}


def test_a_long_diff_is_cut_with_a_note():
    changeset = changeset_of().model_copy(update={"diff": "+line\n" * 5000})
    written = report(delivery_of(changeset=changeset))
    assert written.endswith("+line\n```\n\n*… cut here: 2000 more lines.*\n")


def test_titles_are_one_short_line():
    title = pull_request_title(ticket_of(), changeset_of(commit_subject="Mend it\n\nfor @all " * 4))
    assert title.startswith("TRACK-42: Mend it for @")
    assert "\n" not in title
    assert len(title) <= 120
    told = notice(delivery_of(ticket=ticket_of(title="x" * 300)))
    assert len(told.subject) == 120


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        (Costs(), "No model call was paid for."),
        (Costs(settled_usd=Decimal("0.00001"), calls=1), "less than 0.0001 USD for 1 model call "),
        (Costs(replayed=2), "2 answers came from the log"),
        (Costs(reserved_usd=Decimal("0.5")), "0.5000 USD more are held back"),
    ],
)
def test_costs_are_said(costs, said):
    assert said in report(delivery_of(costs=costs))


@pytest.mark.parametrize(
    ("url", "repository", "draft", "words"),
    [
        ("https://github.com/a/b/issues/7", "https://github.com/a/b.git", False, "Closes #7"),
        ("https://github.com/a/b/issues/7", "https://x@github.com/A/b", False, "Closes #7"),
        ("https://github.com/a/b/issues/7", "git@github.com:a/b.git", False, "Closes #7"),
        ("https://github.com/a/b/issues/7", "git@github.com:a/c.git", False, "Closes a/b#7"),
        ("https://github.com/a/b/issues/7", "https://github.com/a/b", True, "Part of #7"),
        ("https://jira.example.org/browse/SHOP-7", "https://github.com/a/b", False, ""),
        ("file:///tracker/T-1.md", "/home/ada/b", False, ""),
    ],
)
def test_an_issue_of_github_is_closed_by_a_ready_pull_request(url, repository, draft, words):
    delivery = delivery_of(ticket=ticket_of(url=url), repository=repository)
    assert closing_words(delivery, draft=draft) == words
    body = pull_request_body(delivery, Triage(draft=draft))
    assert (words in body) if words else ("Closes" not in body)


def test_the_reason_for_each_reviewer_is_told():
    triage = Triage(
        reviewers=(
            Suggestion(name="core", reason="it owns a.py by CODEOWNERS", team=True),
            Suggestion(name="zoe", reason="they worked on a_b.py lately"),
        ),
        suggested=(Suggestion(name="@Ada <b>", reason="they worked on a.py lately"),),
    )
    body = pull_request_body(delivery_of(), triage)
    assert "- `core` (team): suggested because it owns a.py by CODEOWNERS." in body
    assert "- `zoe`: suggested because they worked on" in body
    assert "not asked; they worked on a.py lately." in body
    assert "@Ada <b>" not in body
    assert "## Reviewers" not in pull_request_body(delivery_of())
