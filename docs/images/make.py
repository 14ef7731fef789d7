"""Draw docs/images/run.svg from the log of the last demo: run `make demo`, then this file."""

import re
from pathlib import Path

from rich.console import Console

from mergewright.cli.live import view
from mergewright.events.projections import read_events
from mergewright.events.sqlite import SqliteEventStore

HERE = Path(__file__).parent
STORE = HERE.parents[1] / ".demo" / "home" / "events.db"

store = SqliteEventStore(STORE)
events = read_events(store, store.run_ids(limit=1)[0])
console = Console(record=True, width=96, force_terminal=True, quiet=False)
console.print(view(events, events[-1].at, whole=True))
svg = console.export_svg(title="mergewright run standard-dev TALLY-7.md --repo tally")
svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)  # nothing is loaded from a network
(HERE / "run.svg").write_text(svg.replace(str(STORE.parents[2]) + "/", ""), encoding="utf-8")
