import pytest

from mergewright.domain.codebase import CheckKind
from mergewright.domain.objections import Rule, Treatment
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
        ("checks:\n  typing: [mypy]\n", "line 2, column 3", "unknown field 'checks.typing'"),
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
    assert "branch_prefixes, base, reviewers, labels, pull_requests" in refusal("x: 1\n").hint
    assert "fields here are paths, kinds" in refusal("labels: {x: 1}\n").hint
    assert "fields here are lint, format, types, tests" in refusal("checks: {x: 1}\n").hint


def test_a_file_too_large_to_be_written_by_a_person_is_refused():
    assert str(MAX_CHARACTERS) in refusal("#" * (MAX_CHARACTERS + 1)).message


def test_pull_requests_are_opened_as_the_file_says():
    policy = RepositoryPolicy.parse(
        "reviewers: [ada, org/team]\n"
        "branch_prefixes: {bug: bugfix, hotfix: urgent}\n"
        "labels:\n  paths: {'docs/**': docs}\n  kinds: {feature: enhancement, bug: ''}\n"
        "pull_requests:\n  draft: true\n  max_reviewers: 1\n  milestone: '2.0'\n"
        "  assignees: [ada]\n  logins: {ada@example.com: ada}\n"
    )
    assert policy.branch_prefixes == {"bug": "bugfix", "hotfix": "urgent"}
    assert (policy.labels.paths, policy.labels.kinds) == (
        {"docs/**": "docs"},
        {"feature": "enhancement", "bug": ""},
    )
    assert policy.pull_requests.draft
    assert policy.pull_requests.logins == {"ada@example.com": "ada"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("branch_prefixes: {epic: x}\n", "branch_prefixes"),
        ("labels: {kinds: {epic: x}}\n", "labels.kinds"),
        ("pull_requests: {max_reviewers: 16}\n", "max_reviewers"),
        ("pull_requests:\n  reviewers: [ada]\n", "line 2, column 3: unknown field"),
    ],
)
def test_a_mistake_about_pull_requests_is_named(text, says):
    assert says in refusal(text).message


def test_what_is_done_about_checks_of_others():
    policy = RepositoryPolicy.parse("dispatch_workflow: ci.yml\nwait_for_checks_minutes: 0\n")
    assert (policy.dispatch_workflow, policy.wait_for_checks_minutes) == ("ci.yml", 0)
    assert RepositoryPolicy.parse("").wait_for_checks_minutes is None
    for text in ("dispatch_workflow: ../ci.yml", "wait_for_checks_minutes: 121"):
        with pytest.raises(SettingInvalid, match="line 1"):
            RepositoryPolicy.parse(text)


def test_what_becomes_of_objections_is_read_and_an_unknown_rule_is_named():
    policy = RepositoryPolicy.parse("objections:\n  deleted-test: refuse\nlicence_header: MIT\n")
    assert policy.objections == {Rule.DELETED_TEST: Treatment.REFUSE}
    assert policy.licence_header == "MIT"
    with pytest.raises(SettingInvalid, match=r"line 2.*objections\.deleted-tests"):
        RepositoryPolicy.parse("objections:\n  deleted-tests: refuse\n")
    with pytest.raises(SettingInvalid, match=r"line 2.*'never'"):
        RepositoryPolicy.parse("objections:\n  sleep: never\n")
