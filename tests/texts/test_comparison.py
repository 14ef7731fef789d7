"""What people read of a comparison, whatever came of either side."""

from decimal import Decimal

from mergewright.domain.changeset import FileChange
from mergewright.domain.checks import SandboxLevel
from mergewright.domain.comparison import Comparison, ScriptRun, Side, TestCounts
from mergewright.domain.gates import Gate, GateStatus
from mergewright.texts.comparison import comparison_notes, comparison_rows
from mergewright.texts.delivery import report
from mergewright.texts.shown import delivery_html
from tests.texts.conftest import DIFF, delivery_of


def script_of(**changes):
    fields = {"name": "old.sh", "exit_code": 0, "seconds": 12.0, "tree": "2" * 40}
    return ScriptRun(**fields | {"sandbox": SandboxLevel.BUBBLEWRAP} | changes)


def file_of(path, additions=1, deletions=0):
    return FileChange(path=path, status="modified", additions=additions, deletions=deletions)


def gate_of(name, status=GateStatus.PASSED, summary=""):
    return Gate(name=name, status=status, summary=summary)


def old_of(**changes):
    fields = {
        "name": "old.sh",
        "ended": "done",
        "files": (file_of("a.py", 3, 1), file_of("b.py")),
        "tests": TestCounts(green=9, newly_red=1, fixed=0, added=0, gone=2, new_findings=1),
        "gates": (gate_of("Tests", GateStatus.FAILED, "1 newly red, 2 gone"),),
        "seconds": 12.0,
        "cost_usd": Decimal("0.42"),
        "cost_detail": "as it says",
    }
    return Side(**fields | changes)


NEW = Side(
    name="standard-dev",
    ended="done",
    files=(file_of("a.py", 5),),
    tests=TestCounts(green=14, newly_red=0, fixed=1, added=2, gone=0, new_findings=0),
    gates=(gate_of("Tests"), gate_of("Review")),
    seconds=95.0,
    cost_usd=Decimal("1.2"),
    cost_detail="25 model calls",
)


def rows(comparison):
    return {row.what: (row.old, row.new) for row in comparison_rows(comparison)}


def test_the_sides_stand_beside_each_other():
    told = rows(Comparison(script=script_of(), old=old_of(), new=NEW))
    assert told == {
        "ended": ("done", "done"),
        "files changed": ("2 files", "1 file"),
        "lines": ("4 added, 1 removed", "5 added, 0 removed"),
        "tests": ("9 green, 1 newly red, 2 gone, 1 new finding", "14 green, 1 fixed, 2 new"),
        "gate Tests": ("failed: 1 newly red, 2 gone", "passed"),
        "gate Review": ("not run", "passed"),
        "time": ("12 s", "1 min 35 s"),
        "cost": ("0.4200 USD (as it says)", "1.2000 USD (25 model calls)"),
    }


def test_a_script_that_fails_and_changes_nothing_is_told_as_what_it_is():
    script = script_of(exit_code=3, output="one\nno such ticket", found_in="", network=True)
    old = old_of(ended=script.ended, files=(), tests=None, gates=(), cost_usd=None, cost_detail="")
    comparison = Comparison(script=script, old=old, new=NEW)
    told = rows(comparison)
    assert told["ended"] == ("failed: exit code 3", "done")
    assert (told["files changed"][0], told["lines"][0]) == ("none", "none")
    assert (told["tests"][0], told["cost"][0]) == ("not checked", "not known")
    notes = " ".join(comparison_notes(comparison))
    assert "old.sh printed at its end: no such ticket" in notes
    assert "could reach the network" in notes
    assert "Both changed" not in notes


def test_what_has_to_be_known_besides_is_said():
    script = script_of(found_in="refs/heads/fix", sandbox=SandboxLevel.LIMITS)
    notes = list(comparison_notes(Comparison(script=script, old=old_of(), new=NEW)))
    assert notes[0] == "The change of old.sh was found in refs/heads/fix, not in its working copy."
    assert notes[1] == "Both changed 1 file: a.py."
    assert "without a sandbox" in notes[-1]


def test_a_comparison_that_is_not_done_says_so():
    assert rows(Comparison(script=script_of(), old=old_of())) == {"ended": ("done", "not done yet")}


def test_report_and_notebook_show_it_and_nothing_in_it_comes_to_life():
    script = script_of(output="<b>bold</b> `x`\n| a | b |")
    old = old_of(name="old|<i>.sh")
    shown = delivery_of(comparison=Comparison(script=script, diff=DIFF, old=old, new=NEW))
    text = report(shown)
    assert "## Old against new" in text
    assert "| files changed | 2 files | 1 file |" in text
    assert "```text\n<b>bold</b> `x`" in text
    assert text.count("```diff") + text.count("````diff") >= 2
    assert r"old\|<i>.sh" in text
    html = delivery_html(shown)
    assert "Old against new" in html
    assert "old|&lt;i&gt;.sh" in html
    assert "<i>" not in html
