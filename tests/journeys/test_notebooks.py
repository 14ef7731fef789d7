"""The notebooks, executed as a person would: a kernel with an event loop, cell by cell."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from mergewright.events.projections import read_summaries
from mergewright.events.sqlite import SqliteEventStore
from mergewright.testing.messages_server import MessagesServer
from tests.journeys import documentation_answers, hotfix_answers
from tests.journeys.places import ROOT
from tests.journeys.three_repositories import reply

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

CELL_SECONDS = 240
REFUSED = """
import traceback

from mergewright.errors import MergewrightError

try:
    standard_dev(request.model_copy(update={"profile": "nobody"}))
except MergewrightError as error:
    frames = len(traceback.extract_tb(error.__traceback__))
    print(frames, error.__suppress_context__, error)
"""

OTHERS = (
    """
from flows import documentation, hotfix
from mergewright.domain.documentation_request import DocumentationRequest
from mergewright.domain.hotfix_request import HotfixRequest

hotfix(HotfixRequest(ticket="GREET-1.md", repository="greet", dry_run=True))
""",
    """documentation(DocumentationRequest(repository="lib"))""",
)

NO_RUN = """
from flows import undo
from mergewright.domain.undo import UndoRequest

undo(UndoRequest(run_id=rehearsed.run_id, dry_run=True))
"""


class Executed(NotebookClient):
    """A notebook that is executed here, which keeps what its cells told while they ran."""

    def __init__(self, name: str, folder: Path, *further: str) -> None:
        notebook = nbformat.v4.new_notebook()
        for path in (ROOT / "notebooks").glob(f"{name}-*.ipynb"):
            notebook = nbformat.read(path, as_version=4)
        notebook.cells += [nbformat.v4.new_code_cell(source) for source in further]
        place = {"metadata": {"path": str(folder)}}
        super().__init__(notebook, kernel_name="python3", timeout=CELL_SECONDS, resources=place)
        self.updates: list[str] = []
        self.execute()

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "update_display_data":
            self.updates.append(msg["content"]["data"]["text/plain"])
        return super().process_message(msg, cell, cell_index)

    def shown(self, mime: str) -> list[str]:
        """What the cells show in one form."""
        outputs = [output for cell in self.nb.cells for output in cell.get("outputs", ())]
        return [output["data"][mime] for output in outputs if mime in output.get("data", {})]

    @property
    def printed(self) -> str:
        outputs = [output for cell in self.nb.cells for output in cell.get("outputs", ())]
        return "".join(output.get("text", "") for output in outputs)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one folder for all notebooks: the first makes the runs that the others read."""
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="module")
def plan(folder: Path) -> Executed:
    return Executed("1", folder, REFUSED, NO_RUN)


def test_a_ticket_becomes_a_plan_and_is_seen_doing_so(plan, folder):
    assert len(plan.updates) > 5
    assert len(set(plan.updates)) > 5
    assert any("Implement" in told for told in plan.updates)
    followed, proposed, rehearsed, report = plan.shown("text/html")[:4]
    assert ">waiting</span>" in followed
    assert "--stage plan" in followed
    assert ">Plan</summary>" in proposed
    assert ">rehearsed</span>" in rehearsed
    assert "13 tests are red on the base and green on the change" in report
    assert "+69" in report
    assert "Recorded answers" in report
    assert "6 model calls, 0.06 USD" in plan.printed
    assert (folder / ".demo" / "tally").is_dir()
    assert not (folder / ".demo" / "tally.pulls").exists()


def test_what_ends_a_run_is_told_without_the_frames_between(plan):
    last = plan.printed.strip().splitlines()[-1]
    frames, suppressed, told = last.split(" ", 2)
    assert int(frames) <= 3
    assert suppressed == "True"
    assert "nobody" in told


def test_a_workflow_that_is_no_run_of_its_own_leaves_nothing_behind(plan):
    assert plan.updates[-1] == ""
    assert "UndoReport" in plan.shown("text/plain")[-1]


def test_a_run_and_its_costs_are_read_with_pictures(plan, folder):
    runs = len(log_of(folder))
    read = Executed("2", folder)
    assert len(log_of(folder)) == runs
    (table,) = read.shown("text/markdown")
    assert "standard_dev | rehearsed | 25 | 0.28" in table
    (report,) = read.shown("text/html")
    assert "TALLY-7: Splitting a bill loses cents" in report
    pictures = read.shown("image/svg+xml")
    assert len(pictures) == 3
    assert "implement" in pictures[0]
    assert "analysis" in pictures[1]
    assert "25 calls" in pictures[2]
    assert all("http" not in picture.replace("http://www.w3.org/", "") for picture in pictures)


def test_prompts_are_compared_over_a_recorded_run(plan, folder):
    compared = Executed("3", folder)
    (table,) = compared.shown("text/markdown")
    shipped, other = (line.split("|")[1:-1] for line in table.splitlines()[2:])
    assert shipped[0].strip() == "`qa@current`"
    assert [cell.strip() for cell in shipped[1:3]] == ["yes", "10"]
    read_then, read_now = (int(row[3].replace(",", "")) for row in (shipped, other))
    assert 0 < read_now - read_then < 500
    report = compared.shown("text/html")[-1]
    assert ">rehearsed</span>" in report


def log_of(folder: Path):
    store = SqliteEventStore(folder / ".demo" / "home" / "events.db")
    try:
        return read_summaries(store)
    finally:
        store.close()


def test_every_notebook_is_executed_here():
    names = {path.name.partition("-")[0] for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert names == {"1", "2", "3"}


def test_a_hotfix_and_the_documentation_run_in_a_notebook(tmp_path, monkeypatch):
    hotfix_answers.make_repository(tmp_path / "greet")
    hotfix_answers.make_ticket(tmp_path / "GREET-1.md")
    documentation_answers.make_repository(tmp_path / "lib")
    documentation_answers.rename(tmp_path / "lib")
    monkeypatch.setenv("MERGEWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
    with MessagesServer(reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        told = Executed("", tmp_path, *OTHERS)
    mended, corrected = (cell.outputs[-1]["data"]["text/html"] for cell in told.nb.cells)
    assert ">rehearsed</span>" in mended
    assert "greeting.py" in mended
    assert ">delivered</span>" in corrected
    assert "share_bill" in corrected
    assert any("Reproduce" in update for update in told.updates)
