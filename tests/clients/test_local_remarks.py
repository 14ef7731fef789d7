"""What we say about a pull request that is a file: below it, and to what people commented."""

import pytest

from mergewright.clients.code_host import ThreadReplying
from mergewright.errors import NotFound


def answers(forge, repository):
    return forge.pulls_folder(repository) / "0001-fix-todo-7-lost.answers.md"


def test_a_remark_is_written_once_and_removed_as_it_was_written(forge, repository):
    assert forge.remark(repository, 1, "Done.", marker="run-1").found is False
    assert forge.remark(repository, 1, "Done.", marker="run-1").found is True
    assert forge.remark(repository, 1, "All done.", marker="run-1").found is False
    forge.remark(repository, 1, "More.", marker="run-2")
    assert answers(forge, repository).read_text().count("<!-- mergewright:comment ") == 2
    assert forge.review_comments(repository, 1) == ()

    def remove(**more):
        return forge.remove_remark(
            repository, 1, marker="run-1", **{"body": "All done."} | more
        ).outcome

    assert remove(body="Done.") == "kept"
    assert remove(rehearse=True) == "undone"
    assert remove() == "undone"
    assert remove() == "already"
    assert "More." in answers(forge, repository).read_text()


def test_there_is_nothing_to_say_below_no_pull_request(forge, repository):
    with pytest.raises(NotFound, match="no pull request 2"):
        forge.remark(repository, 2, "Done.", marker="run-1")
    gone = forge.remove_remark(repository, 2, marker="run-1", body="Done.")
    assert gone.outcome == "already"


def test_each_comment_is_replied_to_once(forge, repository):
    assert isinstance(forge, ThreadReplying)
    people = forge.pulls_folder(repository) / "0001-fix-todo-7-lost.comments.md"
    people.write_text(f"src/a.py:12: use <!-- the sum\n\nof all\n---\n{'Why? ' * 99}\n")
    first, second = forge.review_comments(repository, 1)
    assert forge.reply(repository, 1, first.thread, "Done.", marker="run-1").found is False
    assert forge.reply(repository, 1, second.thread, "So.", marker="run-1").found is False
    assert forge.reply(repository, 1, first.thread, "Done.", marker="run-1").found is True
    assert forge.reply(repository, 1, first.thread, "Done so.", marker="run-1").found is False
    text = answers(forge, repository).read_text()
    assert "> src/a.py:12: use &lt;!-- the sum\n\nDone so.\n" in text
    assert f"> {'Why? ' * 24}…\n\nSo.\n" in text
    assert text.count("<!-- mergewright:comment ") == 2
    assert len(forge.review_comments(repository, 1)) == 2


def test_a_reply_is_removed_though_the_comment_is_gone(forge, repository):
    people = forge.pulls_folder(repository) / "0001-fix-todo-7-lost.comments.md"
    people.write_text("Why?\n")
    (comment,) = forge.review_comments(repository, 1)
    forge.reply(repository, 1, comment.thread, "So.\n\nAnd so.", marker="run-1")
    people.unlink()
    with pytest.raises(NotFound, match="no comment") as caught:
        forge.reply(repository, 1, comment.thread, "So.", marker="run-1")
    assert str(people) in caught.value.hint

    def remove(**more):
        given = {"marker": "run-1", "body": "So.\n\nAnd so."} | more
        return forge.remove_reply(repository, 1, comment.thread, **given).outcome

    assert remove(body="So.") == "kept"
    assert remove(rehearse=True) == "undone"
    assert remove() == "undone"
    assert remove() == "already"
