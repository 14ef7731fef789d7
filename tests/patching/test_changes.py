import pytest

from mergewright.errors import EditConflict
from mergewright.patching.changes import (
    MAX_REWRITTEN_LINES,
    Create,
    Delete,
    Rewrite,
    Update,
    apply_changes,
    paths_of,
    rewrite,
)
from mergewright.patching.hunks import hunks_between

FILES = {"a": "1\n2\n", "b": "3\n"}


def test_all_kinds_of_changes_in_their_order():
    changes = [
        Update("a", hunks_between("1\n2\n", "1\ntwo\n"), "c"),
        Create("a", "new\n"),
        Delete("b"),
        Rewrite("c", "one\ntwo\n"),
    ]
    assert paths_of(changes) == ("a", "c", "b")
    assert apply_changes(changes, FILES) == {"a": "new\n", "b": None, "c": "one\ntwo\n"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Create("a", "x"), "'a' is to be added and exists already"),
        (Delete("c"), "'c' is to be changed and does not exist"),
        (Update("a", (), "b"), "'a' is to become 'b', which exists"),
        (Update("a", (), "a"), "leaves all files as they are"),
        (Rewrite("a", "# ... rest of the file unchanged ...\n"), "leaves lines out"),
    ],
)
def test_what_does_not_fit_is_refused(change, reason):
    with pytest.raises(EditConflict, match=reason):
        apply_changes([change], FILES)


def test_a_file_written_anew_keeps_its_form():
    assert rewrite("a", "\ufeff1\r\n2\r\n3", "1\ntwo\n3\n") == "\ufeff1\r\ntwo\r\n3"
    with pytest.raises(EditConflict, match="not written whole"):
        rewrite("a", "x\n" * (MAX_REWRITTEN_LINES + 1), "y\n")
