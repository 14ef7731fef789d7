"""What we say below a pull request that is a file."""

import pytest

from mergewright.clients.local_forge import LocalForge
from mergewright.errors import NotFound
from tests.clients.test_local_forge import draft, repository

__all__ = ["repository"]


@pytest.fixture
def forge(repository):
    forge = LocalForge()
    forge.open_pull_request(draft(repository))
    return forge


def answers(forge, repository):
    return forge.pulls_folder(str(repository)) / "0001-fix-todo-7-lost.answers.md"


def test_a_remark_is_written_once_and_removed_as_it_was_written(forge, repository):
    name = str(repository)
    assert forge.remark(name, 1, "Done.", marker="run-1").found is False
    assert forge.remark(name, 1, "Done.", marker="run-1").found is True
    assert forge.remark(name, 1, "All done.", marker="run-1").found is False
    forge.remark(name, 1, "More.", marker="run-2")
    assert answers(forge, repository).read_text().count("<!-- mergewright:comment ") == 2
    assert forge.review_comments(name, 1) == ()

    def remove(**more):
        return forge.remove_remark(name, 1, marker="run-1", **{"body": "All done."} | more).outcome

    assert remove(body="Done.") == "kept"
    assert remove(rehearse=True) == "undone"
    assert remove() == "undone"
    assert remove() == "already"
    assert "More." in answers(forge, repository).read_text()


def test_there_is_nothing_to_say_below_no_pull_request(forge, repository):
    with pytest.raises(NotFound, match="no pull request 2"):
        forge.remark(str(repository), 2, "Done.", marker="run-1")
    gone = forge.remove_remark(str(repository), 2, marker="run-1", body="Done.")
    assert gone.outcome == "already"
