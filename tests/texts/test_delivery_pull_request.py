"""The text of a pull request: what a reviewer reads first."""

import subprocess

import pytest
from inline_snapshot import snapshot

from mergewright.domain.triage import Suggestion, Triage
from mergewright.texts.delivery import (
    MAX_PULL_REQUEST_CHARACTERS,
    closing_words,
    pull_request_body,
    report,
)
from tests.texts.conftest import delivery_of, hostile_delivery, ticket_of
from tests.texts.test_escaping import tokens


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
