"""What a pull request that is a file is given: labels, reviewers, assignees."""

from pathlib import Path

import pytest

from mergewright.errors import NotFound, Rejected
from tests.clients.pull_request_samples import draft


def text_of(forge, repository):
    return Path(forge.pull_request(repository, 1).url.removeprefix("file://")).read_text()


def test_labels(forge, repository):
    assert forge.label(repository, 1, ["bug", "money"]) == (("bug", "money"), False)
    before = text_of(forge, repository)
    assert forge.label(repository, 1, ["money"]).found
    assert text_of(forge, repository) == before
    assert forge.pull_request(repository, 1).labels == ("bug", "money")
    assert forge.unlabel(repository, 1, ["money"], rehearse=True).outcome == "undone"
    assert text_of(forge, repository) == before
    assert forge.unlabel(repository, 1, ["money"]).outcome == "undone"
    assert forge.unlabel(repository, 1, ["money"]).outcome == "already"
    assert forge.pull_request(repository, 1).labels == ("bug",)


def test_reviewers(forge, repository):
    asked, found = forge.request_reviews(repository, 1, ["ada", "bob"], ["core"])
    assert (asked.reviewers, asked.team_reviewers, found) == (("ada", "bob"), ("core",), False)
    assert forge.request_reviews(repository, 1, ["ada"], ["core"]).found
    assert forge.withdraw_reviews(repository, 1, ["ada"], ["core"]).outcome == "undone"
    assert forge.pull_request(repository, 1).reviewers == ("bob",)
    assert forge.withdraw_reviews(repository, 1, ["ada"], ["core"]).outcome == "already"


def test_assignees_and_milestone(forge, repository):
    before = text_of(forge, repository)
    assigned, found = forge.assign(repository, 1, ["ada"], "1.2")
    assert (assigned.assignees, assigned.milestone, found) == (("ada",), "1.2", False)
    other, found = forge.assign(repository, 1, ["ada"], "1.3")
    assert (other.milestone, other.refused[0].name, found) == ("", "1.3", True)
    assert forge.unassign(repository, 1, ["bob"], "1.3").outcome == "already"
    assert forge.unassign(repository, 1, ["ada"], "1.2").outcome == "undone"
    assert text_of(forge, repository) == before


def test_a_new_text_keeps_what_it_was_given(forge, repository):
    forge.label(repository, 1, ["money"])
    forge.request_reviews(repository, 1, ["ada"])
    forge.assign(repository, 1, ["bob"], "1.2")
    updated, found = forge.open_pull_request(draft(repository, body="New."))
    assert found
    assert updated == forge.pull_request(repository, 1)
    assert updated.labels == ("bug", "money")
    assert (updated.reviewers, updated.assignees, updated.milestone) == (("ada",), ("bob",), "1.2")
    assert text_of(forge, repository).endswith("---\n\nNew.\n")


def test_a_draft(forge, repository):
    opened, _ = forge.open_pull_request(draft(repository, head="fix/other", draft=True))
    assert opened.draft
    assert forge.open_pull_request(draft(repository, head="fix/other")) == (opened, True)
    assert not forge.pull_request(repository, 1).draft


def test_what_is_not_there(forge, repository):
    for effect in (forge.label, forge.request_reviews, forge.assign):
        with pytest.raises(NotFound):
            effect(repository, 9, ["ada"])
    for back in (forge.unlabel, forge.withdraw_reviews, forge.unassign):
        assert back(repository, 9, ["ada"]).outcome == "already"
    with pytest.raises(NotFound):
        forge.pull_request(repository, 9)
    with pytest.raises(NotFound):
        forge.review_comments(repository, 9)


def test_a_list_that_is_none_is_named_with_its_line(forge, repository):
    path = Path(forge.pull_request(repository, 1).url.removeprefix("file://"))
    path.write_text(path.read_text().replace("state: open", "state: open\nreviewers: ada"))
    with pytest.raises(Rejected, match=r"line 5: the field 'reviewers' is no list"):
        forge.pull_request(repository, 1)


def test_who_has_how_much_to_review(forge, repository):
    forge.request_reviews(repository, 1, ["Ada"], ["core"])
    assert forge.open_reviews(repository) == {"ada": 1, "core": 1}
    forge.close_pull_request(repository, 1, head_commit=draft(repository).head_commit, reason="x")
    assert forge.open_reviews(repository) == {}
