import pytest

from mergewright.domain.codebase import CheckKind
from mergewright.errors import SettingInvalid
from mergewright.safety.repository_policy import MAX_CHARACTERS, RepositoryPolicy

FULL = """\
checks:
  lint: [ruff, check, --select, E]
  tests:
    - pytest
    - -q
protected_paths: ["docs/legal/**"]
branch: "fix/{{ ticket.key }}"
base: develop
reviewers: [ada, grace]
conventions:
  - No new dependencies.
"""


def refusal(text):
    with pytest.raises(SettingInvalid) as caught:
        RepositoryPolicy.parse(text)
    assert ".mergewright.yml" in caught.value.message
    return caught.value


def test_everything_can_be_stated():
    policy = RepositoryPolicy.parse(FULL)
    assert policy.commands_for(CheckKind.LINT) == ("ruff", "check", "--select", "E")
    assert policy.commands_for(CheckKind.TESTS) == ("pytest", "-q")
    assert policy.commands_for(CheckKind.SYNTAX) == ()
    assert policy.protected_paths == ("docs/legal/**",)
    assert (policy.branch, policy.base) == ("fix/{{ ticket.key }}", "develop")
    assert policy.reviewers == ("ada", "grace")
    assert policy.conventions == ("No new dependencies.",)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n"])
def test_an_empty_file_states_the_defaults(text):
    assert RepositoryPolicy.parse(text) == RepositoryPolicy()


@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ("base: main\nreviewer: [ada]\n", "line 2, column 1", "unknown field 'reviewer'"),
        ("checks:\n  types: [mypy]\n", "line 2, column 3", "unknown field 'checks.types'"),
        ("checks:\n  tests: pytest -q\n", "line 2, column 3", "'pytest -q' and must be a list"),
        ("checks:\n  lint:\n    - ruff\n    - 3\n", "line 4, column 7", "'checks.lint.1' is 3"),
        ("base: ''\n", "line 1, column 1", "'base' is ''"),
        ("- a\n- b\n", "line 1, column 1", "not a mapping"),
        ("base: [main\n", "line 2, column 1", ""),
        ("base: a\nbase: b\n", "line 2, column 1", "duplicate key"),
        ("a: \0", "line 1, column 1", "not YAML"),
        ("1: x\n", "line 1, column 1", "unknown field '1'"),
        ("base: !!python/object:os.system {}\n", "line 1, column 1", "'base' is"),
    ],
)
def test_a_mistake_is_named_with_its_place(text, place, part):
    error = refusal(text)
    assert place in error.message
    assert part in error.message


def test_the_hint_names_the_fields_of_the_place():
    assert "reviewers, conventions" in refusal("x: 1\n").hint
    assert "fields here are lint, tests" in refusal("checks: {x: 1}\n").hint


def test_a_file_too_large_to_be_written_by_a_person_is_refused():
    assert str(MAX_CHARACTERS) in refusal("#" * (MAX_CHARACTERS + 1)).message
