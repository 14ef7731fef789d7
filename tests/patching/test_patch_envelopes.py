import pytest

from mergewright.errors import EditConflict
from mergewright.patching.changes import Create, Delete, Update, apply_changes
from mergewright.patching.patch_envelopes import make_patch_envelope, parse_patch_envelope

TEXT = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 1\n    return x\n"


def patch(*lines):
    return "\n".join(("*** Begin Patch", *lines, "*** End Patch", ""))


def applied(*lines, text=TEXT):
    changes = parse_patch_envelope(patch("*** Update File: f", *lines))
    return apply_changes(changes, {"f": text})["f"]


def test_the_lines_before_say_which_of_several_places_is_meant():
    assert applied("@@ def b():", "-    x = 1", "+    x = 2").endswith(
        "b():\n    x = 2\n    return x\n"
    )
    assert applied("@@ def b():", "@@     x = 1", "-    return x", "+    return 2").endswith(
        "return 2\n"
    )
    with pytest.raises(EditConflict, match="2 places: lines 2, 7"):
        applied("@@", "-    x = 1", "+    x = 2")


def test_the_end_of_the_file_decides_too():
    lines = ("     x = 1", "     return x", "+    # end", "*** End of File")
    assert applied(*lines).endswith("x\n    # end\n")


def test_files_come_go_and_move():
    changes = parse_patch_envelope(
        patch(
            "*** Add File: n",
            "+1",
            "+2",
            "*** Delete File: g",
            "*** Update File: w",
            "*** Move to: i",
        )
    )
    assert changes == (Create("n", "1\n2\n"), Delete("g"), Update("w", (), "i"))
    assert parse_patch_envelope(make_patch_envelope(changes)) == changes


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("*** Begin Patch\n*** Delete File: f\n", "may have been cut off"),
        (patch("*** Update File: "), "names no file"),
        (patch("*** Update File: f"), "no line to change"),
        (patch("*** Update File: f", "@@ def a():"), "Line 4 .* ends a hunk without lines"),
        (patch("*** Update File: f", "x = 1"), "Line 3 .* begins with neither"),
        (patch("*** Add File: f", "x"), "Line 3 .* should begin with `.`"),
        (patch("+x"), "Line 2 .* should begin with `... Add File"),
        (patch(), "no section"),
        ("no patch", "should be `... Begin Patch`"),
    ],
)
def test_a_line_without_a_meaning_is_named(text, reason):
    with pytest.raises(EditConflict, match=reason):
        parse_patch_envelope(text)
