"""The corpus as a table: `python -m tests.red_team.table` prints it, `--write` puts it into the document."""

import argparse
import sys
from itertools import dropwhile
from pathlib import Path

from tests.red_team.cases import Case, load_cases

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"
HEAD = "| Case | Where it is said | What it wants | Stopped by |\n| --- | --- | --- | --- |\n"


def table(cases: tuple[Case, ...]) -> str:
    """Return the corpus as Markdown."""
    rows = (
        (one.name, one.where, one.wants, one.stopped_by + (" (open, see below)" if one.gap else ""))
        for one in cases
    )
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main() -> None:
    """Print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put it into the document")
    shown = table(load_cases())
    if not parser.parse_args().write:
        sys.stdout.write(shown)
        return
    before, _, rest = DOCUMENT.read_text().partition(HEAD)
    after = dropwhile(lambda line: line.startswith("|"), rest.splitlines(keepends=True))
    DOCUMENT.write_text("".join((before, shown, *after)))


if __name__ == "__main__":
    main()
