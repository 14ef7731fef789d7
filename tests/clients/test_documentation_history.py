import pytest

from mergewright.clients.documentation_history import changed_since, document_history, later_of
from tests.clients.git_samples import git, write


@pytest.fixture
def commits(tmp_path):
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "--template=")
    made = []
    for number, name in enumerate(("a.md", "b.md", "code.py", "a.md")):
        write(tmp_path, {name: str(number).encode()})
        git(tmp_path, "add", "--all")
        git(tmp_path, "commit", "--quiet", f"--message=Change {number}")
        made.append(git(tmp_path, "rev-parse", "HEAD"))
    return tmp_path / ".git", made


def test_each_document_has_its_last_commit(commits):
    mirror, made = commits
    history = document_history(mirror, made[2], ["a.md", "b.md"])
    assert history == (made[1], (made[1], made[0]))
    assert document_history(mirror, made[3], ["a.md", "b.md"]).commits == (made[3], made[1])
    assert document_history(mirror, made[3], ["none.md"]) == ("", ())


def test_what_has_come_since(commits):
    mirror, made = commits
    since = changed_since(mirror, made[1], made[3])
    assert (since.commits, since.subjects) == (2, ("Change 3", "Change 2"))
    assert since.touched >= {"a.md", "code.py"}


def test_the_later_of_two_commits_counts_if_it_is_not_after_the_commit(commits):
    mirror, made = commits
    assert later_of(mirror, made[3], made[0], made[2]) == made[2]
    assert later_of(mirror, made[1], made[0], made[2]) == made[0]
    assert later_of(mirror, made[1], "", "--help") == ""
