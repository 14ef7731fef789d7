import pytest

from mergewright.analysis.commit_style import commit_style


@pytest.mark.parametrize(
    ("subjects", "says"),
    [
        (["fix: a", "feat(money)!: b", "docs: c", "chore: d", "Merge things"], "Conventional"),
        (["TALLY-1: a", "[TALLY-2] b", "TALLY-3 c", "TALLY-4 d", "Fix e"], "ticket key"),
        (["Add a", "Fix b", "Release 0.3.0", "Drop c", "Say d"], "capital letter"),
        (["add a", "fix b", "drop c", "say d", "do e"], "lower case"),
    ],
)
def test_a_clear_majority_makes_a_convention(subjects, says):
    convention = commit_style(subjects)
    assert says in convention.rule
    assert "of the last 5 commits" in convention.source


@pytest.mark.parametrize(
    "subjects", [[], ["fix: a"] * 4, ["Fix a.", "fix b.", "Add c.", "- d", "#5 e"]]
)
def test_few_or_mixed_commits_say_nothing(subjects):
    assert commit_style(subjects) is None
