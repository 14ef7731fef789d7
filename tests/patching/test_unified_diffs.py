import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.errors import EditConflict
from mergewright.patching.changes import Create, Delete, Update, apply_changes
from mergewright.patching.unified_diffs import make_unified_diff, parse_unified_diff

TEXT = "one\ntwo\nthree\nfour\n"
HEADER = "--- a/f\n+++ b/f\n"


def applied(patch, text=TEXT):
    return apply_changes(parse_unified_diff(patch), {"f": text})["f"]


def test_line_numbers_and_counts_need_not_be_right():
    patch = f"{HEADER}@@ -90,7 +90,1 @@ def f():\n two\n-three\n+3\n"
    assert applied(patch) == "one\ntwo\n3\nfour\n"
    assert applied(f"{HEADER}@@\n two\n-three\n+3\n") == "one\ntwo\n3\nfour\n"


def test_a_fence_and_words_around_a_patch_are_left_out():
    assert applied(f"```diff\n{HEADER}@@\n-three\n+3\n```\n") == "one\ntwo\n3\nfour\n"
    assert applied(f"Here it is:\n\n{HEADER}@@\n-three\n+3\n\n\n") == "one\ntwo\n3\nfour\n"


def test_lines_like_headers_are_lines():
    text = "-- old comment\nselect\n"
    patch = f"{HEADER}@@ -1,2 +1,2 @@\n--- old comment\n+-- new comment\n select\n"
    assert applied(patch, text) == "-- new comment\nselect\n"


def test_files_come_and_go_and_move():
    patch = (
        "diff --git a/new b/new\nnew file mode 100644\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n"
        "\\ No newline at end of file\n"
        "diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        "diff --git a/was b/is\nsimilarity index 100%\nrename from was\nrename to is\n"
        'diff --git "a/\\303\\251" b/e\n--- "a/\\303\\251"\n+++ b/e\n@@ @@\n-1\n+2\n'
    )
    changes = parse_unified_diff(patch)
    assert changes[:3] == (Create("new", "x"), Delete("gone"), Update("was", (), "is"))
    assert (changes[3].path, changes[3].move_to) == ("é", "e")


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        ("@@ -1 +1 @@\n-a\n+b\n", "Line 1 of the patch, '@@ -1 .1 @@', begins a hunk"),
        ("--- a/f\n-a\n", "Line 2 of the patch, '-a', should be `... b/path`"),
        (f"{HEADER}@@ @@\n-a\nb\n", "Line 5 of the patch, 'b', begins with neither"),
        (f"{HEADER}@@ @@\n", "ends a hunk without lines"),
        (HEADER, "has no hunk"),
        ("Binary files a/x and b/x differ\n", "only text"),
        ("--- /dev/null\n+++ /dev/null\n", "nowhere"),
        ("nothing here", "no file header"),
    ],
)
def test_a_line_without_a_meaning_is_named(patch, reason):
    with pytest.raises(EditConflict, match=reason) as caught:
        parse_unified_diff(patch)
    assert caught.value.hint


@given(st.text("ab\n", max_size=12), st.text("ab\n", max_size=12))
def test_git_reads_what_we_make_as_we_do(tmp_path_factory, before, after):
    if before == after or not before or not after:
        return
    folder = tmp_path_factory.mktemp("git")
    (folder / "f").write_text(before)
    patch = make_unified_diff("f", before, after)
    done = subprocess.run(
        ["git", "apply", "--unidiff-zero", "-"], cwd=folder, input=patch.encode(), check=False,
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, (done.stderr, patch)
    assert (folder / "f").read_text() == after


test_git_reads_what_we_make_as_we_do = pytest.mark.timeout(60)(test_git_reads_what_we_make_as_we_do)
