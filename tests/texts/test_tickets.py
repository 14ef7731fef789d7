from datetime import UTC, datetime

import pytest
from inline_snapshot import snapshot

from mergewright.domain.ticket import Attachment, Comment, Ticket, TicketSummary
from mergewright.texts.tickets import ticket_text
from tests.texts.conftest import ticket_of
from tests.texts.test_escaping import HOSTILE, SPEAKS, tokens

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
EPIC = TicketSummary(key="SHOP-1", title="Money")


def full(**changes):
    about = Ticket(
        key="SHOP-7",
        title="Totals are off",
        description="By *one* cent.",
        acceptance_criteria=("They agree",),
        labels=("money", "urgent"),
        links=("is blocked by SHOP-3",),
        parent=EPIC,
        epic=EPIC,
        story_points=3,
        subtasks=(TicketSummary(key="SHOP-8", title="Add"),),
        attachments=(
            Attachment(name="log.txt", media_type="text/plain", size_bytes=3, text="off"),
            Attachment(name="shot.png", media_type="image/png", size_bytes=9),
            Attachment(name="blob.bin", size_bytes=4),
        ),
        comments=(Comment(author="Ada", body="Since May.", created_at=AT),),
        url="https://jira.example.org/browse/SHOP-7",
    )
    return about.model_copy(update=changes)


def test_all_that_agents_are_told_is_there():
    assert ticket_text(full()) == snapshot("""\
# SHOP-7: Totals are off

| | |
| --- | --- |
| Kind | task |
| Status | to do |
| Part of | SHOP-1 Money |
| Labels | money, urgent |
| Story points | 3 |
| Where | <https://jira.example.org/browse/SHOP-7> |

By \\*one\\* cent.

## Acceptance criteria

- They agree

## Subtasks

- SHOP-8 Add (to do)

## Links

- is blocked by SHOP-3

## Attachments

- `log.txt` (text/plain, 3 bytes)
- `shot.png` (image/png, 9 bytes)
- `blob.bin` (unknown type, 4 bytes): agents are told of it, and do not read it

`log.txt`:

```
off
```

## Comments

**Ada**, 2026-05-04 09:30 UTC:

Since May.
""")


def test_a_ticket_of_a_title_and_a_text():
    text = ticket_text(ticket_of(acceptance_criteria=(), description=" "))
    assert "No description." in text
    for heading in ("Acceptance criteria", "Links", "Attachments", "Comments", "Subtasks"):
        assert f"## {heading}" not in text


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_does_nothing(text):
    text = text.replace("\ud800", "")
    comment = Comment(author=text, body=text, created_at=AT)
    other = EPIC.model_copy(update={"title": text})
    shown = ticket_text(
        full(
            description=text, labels=(text,), comments=(comment,), parent=other, subtasks=(other,),
            links=(text,), acceptance_criteria=(text,), reporter=text, url="",
            attachments=(Attachment(name=text, media_type=text, text=text),),
        )
    )  # fmt: skip
    parsed = tokens(shown)
    kinds = {token.type for token in parsed}
    assert not kinds & {"html_block", "html_inline", "image", "link_open"}
    assert not [token for token in parsed if token.type == "text" and SPEAKS.search(token.content)]
