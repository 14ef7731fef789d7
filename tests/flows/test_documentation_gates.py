import pytest

from flows._documentation_gates import document_gates, proposed_gate, standing_gate
from mergewright.domain.checks import CheckStatus
from mergewright.domain.documentation import (
    DocumentationCheck,
    DocumentationFault,
    DocumentationFinding,
    DocumentationState,
)


def finding(fault: DocumentationFault) -> DocumentationFinding:
    return DocumentationFinding(
        fault=fault, path="a.md", line=3, subject="x", message="It is wrong."
    )


def statuses(**values) -> dict[str, str]:
    gates = document_gates(DocumentationCheck(**values))
    return {gate.name: gate.status.value for gate in gates}


def test_a_good_change_passes_all():
    assert statuses(style=CheckStatus.PASSED) == dict.fromkeys(
        ("Documents only", "Links", "Code blocks", "Names", "Style"), "passed"
    )


@pytest.mark.parametrize(
    ("fault", "name", "left"),
    [
        ("broken link", "Links", "failed"),
        ("broken anchor", "Links", "failed"),
        ("broken code block", "Code blocks", "failed"),
        ("changed help", "Code blocks", "failed"),
        ("stale name", "Names", "warned"),
        ("changed name", "Names", "warned"),
        ("undocumented", "Names", "warned"),
    ],
)
def test_what_a_change_brings_fails_and_a_name_that_was_there_may_stay(fault, name, left):
    one = finding(DocumentationFault(fault))
    assert statuses(new=(one,))[name] == "failed"
    assert statuses(left=(one,))[name] == left


def test_other_files_and_bad_style_fail():
    assert statuses(strangers=("tally.py",))["Documents only"] == "failed"
    assert statuses(style=CheckStatus.FAILED)["Style"] == "failed"
    assert statuses(style=CheckStatus.BROKEN)["Style"] == "warned"
    assert statuses()["Style"] == "warned"


def test_where_it_stands_is_told_with_every_finding():
    state = DocumentationState(
        commit="c" * 40,
        documented_commit="d" * 40,
        commits_since=2,
        documents=("a.md",),
        findings=(finding(DocumentationFault.BROKEN_LINK),),
    )
    gate = standing_gate(state)
    assert (gate.status.value, gate.details) == ("warned", ("a.md:3: It is wrong.",))
    assert "2 commits since dddddddddddd" in gate.summary
    assert "https://x/1" in proposed_gate("https://x/1").summary


def test_of_code_that_is_explained_only_names_are_told():
    gates = document_gates(DocumentationCheck(strangers=("tally.py",)), in_code=True)
    assert [(gate.name, gate.status.value) for gate in gates] == [
        ("Explanations only", "failed"), ("Names", "passed"),
    ]  # fmt: skip
