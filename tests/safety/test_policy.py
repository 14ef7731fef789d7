import pytest

from mergewright.domain.changeset import Changeset, FileChange, ImplementationSummary
from mergewright.safety.policy import (
    DEFAULT_PROTECTED_PATHS,
    ChangePolicy,
    matches_glob,
    violations,
)


def changeset(diff, *files):
    return Changeset(
        base_commit="b",
        tree="t",
        diff=diff,
        files=files,
        summary=ImplementationSummary(summary="s", commit_subject="Change something"),
    )


def changed(path, lines=1, status="modified"):
    file = FileChange(path=path, status=status, additions=lines, deletions=0)
    return changeset(added(path, "x\n" * lines), file)


def added(path, content):
    lines = content.splitlines()
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return f"{head}@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        (".github/workflows/**", ".github/workflows/ci.yml"),
        (".github/workflows/**", ".github/workflows/deep/er.yml"),
        (".github/workflows/**", ".GitHub/Workflows/ci.yml"),
        ("CLAUDE.md", "packages/one/claude.md"),
        ("src/generated", "src/generated/a/b.py"),
        ("deploy/", "deploy/prod.yml"),
        ("**/migrations/*.sql", "app/db/migrations/1.sql"),
        ("**/migrations/*.sql", "migrations/1.sql"),
        ("src/**/secret.py", "src/secret.py"),
        (".eslintrc*", "web/.eslintrc.json"),
        ("/Makefile.*", "Makefile.local"),
        ("**", "anything"),
    ],
)
def test_globs_that_match(glob, path):
    assert matches_glob(path, glob)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        (".github/workflows/**", "docs/.github/workflows/ci.yml"),
        (".github/workflows/**", ".github/workflows2/ci.yml"),
        ("CODEOWNERS", "CODEOWNERS.md"),
        ("src/*.py", "src/deep/a.py"),
        ("src/a.py", "other/src/a.py"),
        ("", "a"),
        ("/", "a"),
    ],
)
def test_globs_that_do_not_match(glob, path):
    assert not matches_glob(path, glob)


def test_a_hostile_glob_takes_no_long_time():
    assert not matches_glob("/".join("a" * 60), "/".join(["**", "a"] * 40) + "/b")
    assert not matches_glob("a" * 5000, "*a" * 30 + "b")


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        ".pre-commit-config.yaml",
        ".mergewright.yml",
        "AGENTS.md",
        "docs/CODEOWNERS",
        ".gitmodules",
        "sub/.gitattributes",
        "sub/.npmrc",
    ],
)
def test_the_defaults_protect_what_checks_and_guides_the_work(path):
    (broken,) = violations(changed(path), ChangePolicy())
    assert repr(path) in broken
    assert "protected_paths" in broken


@pytest.mark.parametrize("path", ["src/app.py", "README.md", "pyproject.toml", ".gitignore"])
def test_the_defaults_let_ordinary_work_pass(path):
    assert violations(changed(path), ChangePolicy()) == ()
    assert not any(matches_glob(path, glob) for glob in DEFAULT_PROTECTED_PATHS)


def test_a_protected_file_cannot_be_renamed_away():
    diff = (
        "diff --git a/.gitlab-ci.yml b/old.yml\nsimilarity index 100%\n"
        "rename from .gitlab-ci.yml\nrename to old.yml\n"
    )
    file = FileChange(path="old.yml", status="renamed", additions=0, deletions=0)
    (broken,) = violations(changeset(diff, file), ChangePolicy())
    assert "'.gitlab-ci.yml' is changed" in broken


def test_sizes_are_held_against_their_limits_with_numbers():
    policy = ChangePolicy(max_files=1, max_changed_lines=5, max_file_bytes=10)
    files = [
        FileChange(path=path, status="added", additions=4, deletions=0) for path in ("a.py", "b.py")
    ]
    diff = added("a.py", "xxxxx\nyyyyy\n") + added("b.py", "x\n")
    assert violations(changeset(diff, *files), policy) == (
        "2 files are changed, and max_files is 1",
        "8 lines are changed, and max_changed_lines is 5",
        "'a.py' grows by 12 bytes, and max_file_bytes is 10",
    )


def test_sizes_at_the_limit_pass():
    policy = ChangePolicy(max_files=1, max_changed_lines=2, max_file_bytes=4)
    assert violations(changed("a.py", lines=2), policy) == ()


def test_binaries_and_links_pass_only_when_allowed():
    binary = "diff --git a/x.bin b/x.bin\nnew file mode 100644\nindex 0000..1111\nBinary files /dev/null and b/x.bin differ\n"
    link = added("link", "/etc/passwd\n").replace("100644", "120000")
    change = changeset(binary + link)
    assert [message.split()[0] for message in violations(change, ChangePolicy())] == [
        "'x.bin'",
        "'link'",
    ]
    assert violations(change, ChangePolicy(allow_binary_files=True, allow_links=True)) == ()
