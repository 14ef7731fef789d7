import pytest

from mergewright.clients.history import (
    MAX_FILES_TOGETHER,
    changed_together,
    recent_authors,
    recent_subjects,
)
from mergewright.errors import NotFound
from tests.clients.git_samples import git, make_clone


def test_subjects_newest_first_without_merges(tmp_path):
    clone = make_clone(tmp_path / "clone")
    for subject in ("One", "Two\n\nWith a body", "Grüße an --option"):
        git(clone, "commit", "--quiet", "--allow-empty", "--message", subject)
    assert recent_subjects(clone, "HEAD", limit=3) == ("Grüße an --option", "Two", "One")
    assert len(recent_subjects(clone, "HEAD", limit=1)) == 1


@pytest.mark.parametrize("commit", ["0" * 40, "no-such-branch", "--output=/tmp/x"])
def test_a_commit_that_is_not_there(tmp_path, commit):
    clone = make_clone(tmp_path / "clone")
    with pytest.raises(NotFound):
        recent_subjects(clone, commit)


def test_a_mirror_that_is_not_there(tmp_path):
    with pytest.raises(NotFound):
        recent_subjects(tmp_path / "nothing", "HEAD")


def test_who_worked_on_which_file(tmp_path):
    clone = make_clone(tmp_path / "clone")
    for number, (path, author) in enumerate(
        [("a.py", "Ada <ada@example.com>"), ("--b.py", "Zoë <7+zoe@users.noreply.github.com>")]
    ):
        (clone / path).write_text(f"{number}\n")
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message", "x", "--author", author)
    found = recent_authors(clone / ".git", "HEAD", ["a.py", "--b.py", "none.py"])
    assert [(one.path, one.name, one.mail) for one in found] == [
        ("a.py", "Ada", "ada@example.com"),
        ("--b.py", "Zoë", "7+zoe@users.noreply.github.com"),
    ]
    assert all(one.at.tzinfo for one in found)


def test_the_repository_says_who_is_the_same_person(tmp_path):
    clone = make_clone(tmp_path / "clone")
    (clone / "a.py").write_text("1\n")
    (clone / ".mailmap").write_text("Ada <ada@example.com> <old@example.com>\n")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "x", "--author", "A <old@example.com>")
    (found,) = recent_authors(clone / ".git", "HEAD", ["a.py"])
    assert (found.name, found.mail) == ("Ada", "ada@example.com")


def test_what_changed_together(tmp_path):
    clone = make_clone(tmp_path / "clone")
    crowd = [f"{number}.py" for number in range(MAX_FILES_TOGETHER)]
    for number, paths in enumerate(
        [["a.py", "ä b.py"], ["a.py", "ä b.py"], ["c.py"], [*crowd, "a.py"]]
    ):
        for path in paths:
            (clone / path).write_text(f"{number}\n")
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "--message", "x")
    assert changed_together(clone / ".git", "HEAD", ["a.py", "none.py"]) == {"ä b.py": 2}
