"""Tickets as files, and a folder to keep them in."""

from datetime import UTC, datetime
from pathlib import Path

from mergewright.clients.folder_tracker import FolderTracker

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

TICKET = """---
key: TODO-7
title: 'Parcels that weigh 0 kg are "lost"'  # as reported
kind: bug
status: to do   # set by hand
priority: high
labels: [tracking, weight]
reporter: Ada
links:
  - https://example.org/1
acceptance_criteria:
  - A parcel of 0 kg is refused
assignee: nobody
---

The list leaves them out.

```
# Acceptance criteria
- [ ] not one, it is in a fence
```

## Acceptance criteria

- [ ] The message names the
      parcel
- [x] A test shows it
* A parcel of 0 kg is refused

## Notes

- nothing
"""
LEAST = "---\nkey: {key}\ntitle: {title}\n---\nSomething.\n"


def put(tracker: FolderTracker, text: str = TICKET, key: str = "TODO-7") -> Path:
    path = tracker.folder / f"{key}.md"
    path.write_bytes(text.encode())
    return path
