"""Drafts made ready, and drafts again, in files."""

import pytest

from mergewright.clients.code_host import DraftMarking
from mergewright.clients.local_forge import LocalForge
from mergewright.errors import NotFound, Rejected
from tests.clients.pull_request_samples import draft


@pytest.fixture
def forge(repository):
    forge = LocalForge()
    forge.open_pull_request(draft(repository, draft=True))
    return forge


def file_of(forge, repository):
    return forge.pulls_folder(repository) / "0001-fix-todo-7-lost.md"


def test_a_draft_is_made_ready_once_and_a_draft_again(forge, repository):
    assert isinstance(forge, DraftMarking)
    ready, found = forge.mark_ready(repository, 1)
    assert (ready.draft, found) == (False, False)
    assert "draft" not in file_of(forge, repository).read_text().partition("\n---\n")[0]
    assert forge.mark_ready(repository, 1) == (ready, True)
    assert forge.mark_draft(repository, 1, rehearse=True).outcome == "undone"
    assert not forge.pull_request(repository, 1).draft
    assert forge.mark_draft(repository, 1).outcome == "undone"
    assert forge.pull_request(repository, 1).draft
    assert forge.mark_draft(repository, 1).outcome == "already"
    # A new text leaves it what it is.
    assert forge.open_pull_request(draft(repository, body="New.")).value.draft


def test_a_closed_or_merged_one_stays_as_it_is(forge, repository):
    path = file_of(forge, repository)
    path.write_text(path.read_text().replace("state: open", "state: closed"))
    with pytest.raises(Rejected, match="is closed") as caught:
        forge.mark_ready(repository, 1)
    assert str(path) in caught.value.hint
    assert forge.mark_draft(repository, 1).outcome == "already"
    path.write_text(path.read_text().replace("state: closed", "state: merged"))
    assert forge.mark_draft(repository, 1).outcome == "kept"


def test_one_that_is_not_there(forge, repository):
    with pytest.raises(NotFound):
        forge.mark_ready(repository, 9)
    assert forge.mark_draft(repository, 9).outcome == "already"
