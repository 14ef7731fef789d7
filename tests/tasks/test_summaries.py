from mergewright.domain.codebase import Codebase, Language, RelevantFile
from mergewright.domain.plan import Finding, Plan, PlannedFile, Research
from mergewright.domain.ticket import Ticket
from tasks._summaries import summarise_result


def test_each_result_is_told_in_a_few_words():
    plan = Plan(
        summary="Do it",
        steps=("one",),
        files=(PlannedFile(path="a", action="edit", why="b"),) * 2,
        acceptance_criteria=("c",),
        test_plan=("d",),
    )
    codebase = Codebase(
        commit="c",
        file_count=1,
        languages=(Language(name="Python", files=1, size_bytes=2),),
        relevant_files=(RelevantFile(path="a", score=1, reason="b"),),
    )
    told = {
        "1 finding": Research(summary="s", findings=(Finding(statement="f"),)),
        "1 step, 2 files": plan,
        "1 file, Python; 1 relevant file": codebase,
        "task, 0 acceptance criteria": Ticket(key="T-1", title="t", description="d"),
        "": "anything else",
    }
    assert {summarise_result(result): result for result in told.values()} == told
