"""The report of a run."""

from decimal import Decimal

import pytest
from inline_snapshot import snapshot

from mergewright.domain.delivery import Costs, Outcome, StageRecord, StageState
from mergewright.domain.gates import Gate, GateStatus
from mergewright.texts.delivery import (
    notice,
    report,
)
from tests.texts.conftest import AT, BARE, changeset_of, delivery_of


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


def test_a_dry_run_offers_nothing_to_try():
    rehearsed = delivery_of(outcome=Outcome.REHEARSED, pull_request=None)
    assert "## Try it" not in report(rehearsed)
    assert "nothing was published" in report(rehearsed)
    assert "## The change" in report(rehearsed)


def test_a_long_diff_is_cut_with_a_note():
    changeset = changeset_of().model_copy(update={"diff": "+line\n" * 5000})
    written = report(delivery_of(changeset=changeset))
    assert written.endswith("+line\n```\n\n*… cut here: 2000 more lines.*\n")


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
