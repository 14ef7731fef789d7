import pytest

from mergewright.domain.workflow_policy import load_policy
from mergewright.safety.documents import documents_by
from mergewright.safety.policy import DEFAULT_PROTECTED_PATHS
from mergewright.safety.repository_policy import DocumentationRules, RepositoryPolicy

POLICY = load_policy("documentation")


def is_document(path: str, **rules) -> bool:
    return documents_by(POLICY, DocumentationRules(**rules), DEFAULT_PROTECTED_PATHS)(path)


@pytest.mark.parametrize(
    "path", ["README.md", "docs/guide.md", "a/b/NOTES.RST", "docs/faq.txt", "CHANGELOG", "x.adoc"]
)
def test_prose_is_written(path):
    assert is_document(path)


@pytest.mark.parametrize(
    "path",
    [
        "tally.py", "docs/conf.py", "docs/example.py", "requirements.txt", "docs/requirements.txt",
        "docs/logo.svg", "AGENTS.md", "CLAUDE.md", "README.md/x.py", ".github/workflows/a.md",
        "mkdocs.yml", "docs/guide.md.j2",
    ],
)  # fmt: skip
def test_nothing_else_is(path):
    assert not is_document(path)


def test_a_repository_can_only_be_stricter():
    assert not is_document("notes.md", paths=("docs/**",))
    assert is_document("docs/a.md", paths=("docs/**",))
    assert not is_document("docs/conf.py", paths=("docs/**",))
    assert not is_document("docs/old/a.md", exclude=("docs/old/**",))


def test_a_repository_says_so_in_its_policy_file():
    rules = RepositoryPolicy.parse("documentation: {commands: [[tally, --help]]}").documentation
    assert rules.commands == (("tally", "--help"),)
    assert rules.run_blocks
