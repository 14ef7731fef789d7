"""A small library whose documents tell what its code had, and what a model answers for it."""

from pathlib import Path

from mergewright.domain.changeset import ImplementationSummary
from mergewright.testing.messages_server import Body, Reply, ToolUse
from tests.journeys.places import commit_all, git
from tests.journeys.tally_answers import turn_of

CODE = '''"""Splits bills."""


def split_bill(total: int, people: int) -> int:
    """Return what each pays."""
    return total // people
'''
README = """# Tally

Call `split_bill(total, people)`, as [the guide](docs/guide.md#begin) shows.
"""
GUIDE = """# Guide

## Begin

```python
from tally import split_bill

print(split_bill(12, 3))
```
"""
NEW_CODE = CODE.replace("split_bill", "share_bill")

MENDS = (
    ToolUse(
        "edit_file",
        {
            "path": "README.md",
            "replacements": [
                {"old": "`split_bill(total, people)`", "new": "`share_bill(total, people)`"}
            ],
        },
    ),
    ToolUse(
        "edit_file",
        {
            "path": "docs/guide.md",
            "replacements": [
                {"old": "import split_bill", "new": "import share_bill"},
                {"old": "print(split_bill", "new": "print(share_bill"},
            ],
        },
    ),
)
"""What makes both documents true."""
HALF = MENDS[:1]
"""Leaves a code block that does not run."""
CODE_EDIT = ToolUse(
    "edit_file",
    {"path": "tally.py", "replacements": [{"old": "total // people", "new": "total / people"}]},
)
UNEXPLAINED = "\n\ndef settle(debts: int) -> int:\n    return debts\n"
EXPLAINED = '    """Return what is left to pay."""\n'
EXPLAINS_AND_CHANGES = ToolUse(
    "edit_file",
    {
        "path": "tally.py",
        "replacements": [{"old": "    return debts", "new": f"{EXPLAINED}    return 0"}],
    },
)
"""Explains a name, and has its code do something else."""
RESTORES = ToolUse(
    "edit_file",
    {"path": "tally.py", "replacements": [{"old": "return 0", "new": "return debts"}]},
)
DONE = Reply(
    ImplementationSummary(
        summary="The documents name `share_bill`.",
        commit_subject="Name share_bill in the documents",
    ).model_dump_json()
)
CHECKED = Reply(tools=(ToolUse("run_checks", {}),))


def make_repository(folder: Path, *, policy: str = "") -> Path:
    """Make a repository whose documents are true."""
    (folder / "docs").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / "tally.py").write_text(CODE)
    (folder / "README.md").write_text(README)
    (folder / "docs" / "guide.md").write_text(GUIDE)
    if policy:
        (folder / ".mergewright.yml").write_text(policy)
    commit_all(folder, "Split bills")
    return folder


def rename(folder: Path) -> None:
    """Change the code, and forget the documents."""
    (folder / "tally.py").write_text(NEW_CODE)
    commit_all(folder, "Call it share_bill")


def add_unexplained(folder: Path) -> None:
    """Add a public name that nothing explains."""
    (folder / "tally.py").write_text(CODE + UNEXPLAINED)
    commit_all(folder, "Settle debts")


def playing(*turns: Reply):
    """Return a script of one conversation; whatever is asked after its end gets the last turn."""

    def reply(body: Body, _: int) -> Reply:
        return turns[min(turn_of(body), len(turns) - 1)]

    return reply


def results_of(body: Body) -> str:
    """Return what the tools told last."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else str(content)
