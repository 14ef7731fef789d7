"""All forms: applying is the inverse of making, and nothing that is sent does harm or hangs."""

import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mergewright.errors import EditConflict
from mergewright.patching.changes import Update, apply_changes, rewrite
from mergewright.patching.edits import Replacement, apply_replacements
from mergewright.patching.forms import make_replacements, parse_patch
from mergewright.patching.hunks import hunks_between
from mergewright.patching.patch_envelopes import make_patch_envelope
from mergewright.patching.unified_diffs import make_unified_diff

LINE = st.text("ab }\t'\u2019\f\u2028-+@\\*", max_size=4)
FILE = st.lists(st.integers(0, 99), unique=True, min_size=1, max_size=30)
MAX_SECONDS = 3


@st.composite
def edits(draw):
    """A file whose lines are all different, and the same after one or two changes."""
    before = [f"{number}: {draw(LINE)}".rstrip(" ") for number in draw(FILE)]
    after = list(before)
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(after)))
        count = draw(st.integers(0, min(2, len(after) - at)))
        new = draw(st.lists(st.builds("new {}".format, LINE), max_size=2))
        after[at : at + count] = new
    assume(before != after and after)
    return "".join(f"{line}\n" for line in before), "".join(f"{line}\n" for line in after)


@given(edits(), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))
def test_applying_is_the_inverse_of_making(edit, end, mark):
    before, after = edit
    there, wanted = (mark + text.replace("\n", end) for text in edit)
    hunks = hunks_between(before, after)
    assume(all(hunk.old and hunk.new for hunk in hunks))
    assert apply_replacements("a", there, make_replacements(before, after)) == wanted
    for patch in (
        make_unified_diff("a", before, after),
        make_patch_envelope([Update("a", hunks)]),
    ):
        assert apply_changes(parse_patch(patch), {"a": there}) == {"a": wanted}
    assert rewrite("a", there, after) == wanted


@given(edits(), st.booleans(), st.booleans())
def test_a_unified_diff_says_whether_the_last_line_ends(edit, ends, ends_then):
    before, after = edit
    before = before if ends else before.removesuffix("\n")
    after = after if ends_then else after.removesuffix("\n")
    assume(before != after and before and after)
    patch = make_unified_diff("a", before, after)
    assert apply_changes(parse_patch(patch), {"a": before}) == {"a": after}


@given(edits())
def test_an_edit_made_twice_is_refused_and_not_doubled(edit):
    before, after = edit
    with pytest.raises(EditConflict):
        apply_changes(parse_patch(make_unified_diff("a", before, after)), {"a": after})
    with pytest.raises(EditConflict):
        apply_replacements("a", after, make_replacements(before, after))


@given(
    st.lists(st.sampled_from(["x\n", "x\r\n", "y \n", "\tz\r\n", "\f\n", "\r\r\n"]), max_size=9),
    st.lists(st.sampled_from(["x\n", "x\r\n", "y \n", "\tz\r\n", "\u2028"]), max_size=9),
    st.sampled_from(["<1>  \r\n<2>\n<3>\r\n", "\t<1>\n\t<2>\n\t<3>\n"]),
)
def test_nothing_outside_of_what_changes_is_touched(above, below, middle):
    text = "".join((*above, middle, *below))
    changed = apply_replacements(
        "a", text, [Replacement(old="<1>\n<2>\n<3>", new="<1>\n<new>\n<3>", near_line=None)]
    )
    first, last = middle.split("<2>")
    assert changed in {"".join((*above, first, new, last, *below)) for new in ("<new>", "\t<new>")}


def test_a_patch_of_several_files_applies_whole_or_not_at_all():
    patch = (
        "--- a/one\n+++ b/one\n@@ -1 +1 @@\n-1\n+one\n--- a/two\n+++ b/two\n@@ -1 +1 @@\n-3\n+two\n"
    )
    files = {"one": "1\n", "two": "2\n"}
    with pytest.raises(EditConflict, match="'two'"):
        apply_changes(parse_patch(patch), files)
    assert files == {"one": "1\n", "two": "2\n"}


def test_what_is_no_patch_is_refused():
    with pytest.raises(EditConflict, match="neither a unified diff"):
        parse_patch("please change it")
    with pytest.raises(EditConflict, match="at most"):
        parse_patch("x" * 3_000_000)


HOSTILE = st.text("ab\0\x1b\r\n\f\u2028\ufeff -+@*\\\ud7ff.", max_size=60)


@given(HOSTILE, HOSTILE, HOSTILE)
@settings(max_examples=200)
def test_whatever_is_sent_is_applied_or_refused(text, old, new):
    for apply in (
        lambda: apply_replacements("a", text, [Replacement(old=old, new=new)]),
        lambda: apply_changes(parse_patch(f"--- a/a\n+++ b/a\n@@ @@\n{old}\n"), {"a": text}),
        lambda: apply_changes(
            parse_patch(f"*** Begin Patch\n*** Update File: a\n{old}\n*** End Patch"), {"a": text}
        ),
    ):
        refusal = refusal_of(apply)
        assert refusal is None or (refusal.hint and len(str(refusal)) < 10_000)


def refusal_of(apply):
    try:
        apply()
    except EditConflict as refusal:
        return refusal


BIG = 20_000


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("\n" * BIG, "\n" * 5_000 + "x\n"),
        ("}\n" * BIG, "}\n" * 300 + "x\n"),
        ("".join(f"value_{n} = {n % 7}\n" for n in range(BIG)), "".join(f"valu_{n} = 1\n" for n in range(300))),
        ("a = 1\nb = 2\n" * (BIG // 2), "a = 1\nb = 2\n" * 150 + "c = 3\n"),
        ("x" * 2_000_000, "x" * 1_000_000 + "y\nz"),
        ("(" * 500_000 + "\n", "[" * 100_000 + "\n"),
    ],
    ids=["blank", "braces", "alike", "periodic", "one long line", "deep"],
)  # fmt: skip
def test_a_large_file_is_searched_in_a_bounded_time(text, old):
    began = time.process_time()
    with pytest.raises(EditConflict):
        apply_replacements("a", text, [Replacement(old=old, new="new\n")])
    assert time.process_time() - began < MAX_SECONDS
