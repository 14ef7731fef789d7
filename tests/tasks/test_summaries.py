from mergewright.domain.approval_question import Answer
from mergewright.domain.codebase import Codebase, Language, RelevantFile
from mergewright.domain.documentation import DocumentationState
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
        "0 findings in 1 document": DocumentationState(commit="c", documents=("a.md",)),
        "1 file, Python; 1 relevant file": codebase,
        "task, 0 acceptance criteria": Ticket(key="T-1", title="t", description="d"),
        "nobody has answered yet": Answer(approved=False, waits=True),
        "approved by ada and bo": Answer(approved=True, by=("ada", "bo")),
        "sent back by ada": Answer(approved=False, by=("ada",), comment="Why?"),
        "": "anything else",
    }
    assert {summarise_result(result): result for result in told.values()} == told
