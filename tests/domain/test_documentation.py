from mergewright.domain.documentation import (
    DocumentationFault,
    DocumentationFinding,
    DocumentationState,
)

FINDING = DocumentationFinding(
    fault=DocumentationFault.BROKEN_LINK, path="a.md", line=3, subject="x", message="Gone."
)


def test_a_finding_is_the_same_wherever_its_line_has_moved():
    moved = FINDING.model_copy(update={"line": 9})
    assert moved.identity == FINDING.identity
    assert (FINDING.place, FINDING.told()) == ("a.md:3", "a.md:3: Gone.")
    assert FINDING.model_copy(update={"line": 0}).place == "a.md"


def test_documentation_is_true_without_findings():
    assert DocumentationState(commit="c").is_true
    assert not DocumentationState(commit="c", findings=(FINDING,)).is_true
