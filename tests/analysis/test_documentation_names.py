import pytest

from mergewright.analysis.documentation_names import (
    CodeNames,
    api_findings,
    parts_of,
    stale_names,
    unexplained_names,
    unknown_names,
    words_among,
)
from mergewright.analysis.documentation_text import read_document
from mergewright.domain.documentation import ApiChange

CODE = CodeNames(
    defined=frozenset({"split_bill", "Ledger", "reserve"}),
    used=frozenset({"dumps"}),
    containers=frozenset({"Ledger"}),
    words=frozenset({"in_a_string"}),
)


def read(text: str, path: str = "README.md"):
    return {path: read_document(path, text)}


@pytest.mark.parametrize(
    ("mention", "parts"),
    [
        ("split_bill", ("split_bill",)),
        ("split()", ("split",)),
        ("tally.Ledger.reserve(amount, 2)", ("tally", "Ledger", "reserve")),
        ("Ledger::reserve", ("Ledger", "reserve")),
        ("splitBill", ("splitBill",)),
        ("true", ()),
        ("main", ()),
        ("README.md", ()),
        ("tally.toml", ()),
        ("pip install tally", ()),
        ("--help", ()),
        ("a/b_c", ()),
        ("", ()),
        ("x" * 500, ()),
        ("a(" * 90, ()),
    ],
)
def test_what_is_a_name_and_what_is_not(mention, parts):
    assert parts_of(mention) == parts


def test_a_name_that_the_code_had_and_has_nowhere_is_stale():
    text = "`old_name` and `split_bill`, `json.dumps`, `in_a_string`\n\n`old_name()` `never_ours()`"
    found = list(stale_names(read(text), CODE, frozenset({"old_name", "in_a_string"})))
    assert [(one.subject, one.line) for one in found] == [("old_name", 1), ("old_name()", 3)]
    assert "no 'old_name' any more" in found[0].message


def test_a_member_that_a_class_of_ours_lacks_is_stale():
    found = list(stale_names(read("`Ledger.refund()`, `Other.refund`"), CODE, frozenset()))
    assert [one.subject for one in found] == ["Ledger.refund()"]


@pytest.mark.parametrize("path", ["CHANGELOG.md", "docs/decisions/0001-x.md", "docs/MIGRATION.md"])
def test_what_tells_of_the_past_may_name_what_was(path):
    documents = read("`old_name`", path)
    assert not list(stale_names(documents, CODE, frozenset({"old_name"})))
    assert not list(unknown_names(documents, CODE, frozenset()))


def test_where_not_all_was_read_nothing_is_stale():
    code = CodeNames(frozenset(), frozenset(), frozenset(), words=None)
    assert not list(stale_names(read("`old_name`"), code, frozenset({"old_name"})))


def test_what_was_just_written_must_exist():
    text = "`split_bill`, `invented_name()`, `known_before`"
    found = list(unknown_names(read(text), CODE, frozenset({"known_before"})))
    assert [one.subject for one in found] == ["invented_name()"]


def test_words_are_found_anywhere_in_the_code():
    contents = [b'x = "in_a_string"', b"not_asked \xff\xfe", b"# other_name"]
    wanted = frozenset({"in_a_string", "other_name", "string"})
    assert words_among(contents, wanted) == {"in_a_string", "other_name"}


def change(action, **values):
    return ApiChange(action=action, path="tally.py", name="Ledger.reserve", **values)


def test_a_new_public_name_must_be_explained_somewhere():
    (found,) = api_findings(read("nothing"), [change("added", line=7)], frozenset())
    assert (found.fault.value, found.path, found.line) == ("undocumented", "tally.py", 7)
    assert not list(api_findings(read("`reserve`"), [change("added")], frozenset()))
    assert not list(
        api_findings(read("```python\nreserve(1)\n```"), [change("added")], frozenset())
    )
    assert not list(api_findings(read(""), [change("added", explained=True)], frozenset()))


def test_a_declaration_that_changed_is_told_where_it_is_told_of():
    changed = change("changed", before="def reserve(a)", after="def reserve(a, b)")
    (found,) = api_findings(read("x\n\n`reserve`"), [changed], frozenset())
    assert (found.fault.value, found.path, found.line) == ("changed name", "README.md", 3)
    assert "now it is `def reserve(a, b)`" in found.message
    assert not list(api_findings(read("`reserve`"), [changed], frozenset({"README.md"})))
    several = frozenset({"reserve"})
    assert not list(api_findings(read("`reserve`"), [changed], frozenset(), several))


def test_names_that_their_own_code_does_not_explain():
    changes = [
        change("added"),
        change("changed"),
        change("removed"),
        change("added", explained=True),
    ]
    found = list(unexplained_names(changes))
    assert [one.fault.value for one in found] == ["undocumented", "undocumented"]
    assert "no docstring or comment of its own" in found[0].message
