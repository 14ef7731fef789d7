"""What people say about a pull request that is a file."""


def test_people_comment_in_a_file_beside_it(forge, repository):
    assert forge.review_comments(repository, 1) == ()
    path = forge.pulls_folder(repository) / "0001-fix-todo-7-lost.comments.md"
    path.write_text("Why?\r\n---\n[x] done\n---\nsrc/a.py:12: use the sum\n\nof all\n---\n\n")
    first, second = forge.review_comments(repository, 1)
    assert (first.kind, first.body, first.line) == ("conversation", "Why?", None)
    assert (second.kind, second.path, second.line) == ("line", "src/a.py", 12)
    assert second.body == "use the sum\n\nof all"
    assert [one.id for one in forge.review_comments(repository, 1)] == [first.id, second.id]
    assert len(forge.pull_requests(repository, "TODO-7")) == 1
