import pytest

from mergewright.clients.history import recent_subjects
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
