import pytest

from mergewright.errors import EditConflict
from mergewright.patching.edits import Replacement, apply_replacements
from mergewright.patching.elisions import leaves_out, left_out

FILE = "def f():\n    a = 1\n    b = 2\n    c = 3\n    return a\n"


@pytest.mark.parametrize(
    "line", ["...", "    ...", "# ... existing code ...", "// rest of the code ...", "\u2026", "/* ... */"]
)  # fmt: skip
def test_dots_stand_for_lines(line):
    assert leaves_out(line)


@pytest.mark.parametrize("line", ["x = [...]", "a, ... = b", "print('...')", "# and so on", ""])
def test_code_with_dots_does_not(line):
    assert not leaves_out(line)


def test_new_lines_that_say_so_are_found_and_dots_alone_are_code():
    assert left_out(["    # ... rest of the code unchanged ..."], []) is not None
    assert left_out(["    ..."], []) is None
    assert left_out(["# ... existing code ..."], ["# ... existing code ..."]) is None


def test_an_edit_that_leaves_lines_out_is_refused_and_says_so():
    old = "def f():\n    ...\n    return a\n"
    with pytest.raises(EditConflict, match=r"leaves lines of 'f' out: '\.\.\.'"):
        apply_replacements("f", FILE, [Replacement(old=old, new=old.replace("a\n", "b\n"))])
    new = "def f():\n    # ... existing code ...\n    return b\n"
    with pytest.raises(EditConflict, match="in place of the lines that it leaves out"):
        apply_replacements("f", FILE, [Replacement(old=FILE, new=new)])


def test_dots_that_the_file_has_are_lines():
    text = "class P(Protocol):\n    def f(self) -> int:\n        ...\n"
    old = "    def f(self) -> int:\n        ...\n"
    changed = apply_replacements("f", text, [Replacement(old=old, new=old.replace("int", "str"))])
    assert changed == text.replace("int", "str")
