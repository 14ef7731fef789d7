import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mergewright.errors import EditConflict
from mergewright.patching.edits import Replacement, apply_replacements

SOURCE = """\
def add(a, b):
    return a + b


def sub(a, b):
    return a - b
"""


def edit(text, *pairs, near_line=None):
    replacements = [Replacement(old=old, new=new, near_line=near_line) for old, new in pairs]
    return apply_replacements("src/calc.py", text, replacements)


def refusal(text, *pairs, near_line=None):
    with pytest.raises(EditConflict) as caught:
        edit(text, *pairs, near_line=near_line)
    assert "'src/calc.py'" in caught.value.message
    assert caught.value.hint
    return str(caught.value)


def test_an_exact_match_may_be_part_of_a_line():
    assert edit(SOURCE, ("a - b", "b - a")) == SOURCE.replace("a - b", "b - a")


def test_several_replacements_are_matched_against_the_text_as_given():
    changed = edit(SOURCE, ("a + b", "a - b"), ("a - b", "a + b"))
    assert changed == SOURCE.replace("a + b", "?").replace("a - b", "a + b").replace("?", "a - b")


def test_lines_that_old_and_new_share_keep_the_files_trailing_space():
    text = "if x:   \n    y = 1\t\n    z = 2  \nend\n"
    changed = edit(text, ("if x:\n    y = 1\n    z = 2\n", "if x:\n    y = 3\n    z = 2\n"))
    assert changed == "if x:   \n    y = 3\n    z = 2  \nend\n"


def test_crlf_files_stay_crlf_and_keep_mark_and_final_newline():
    text = "\ufeff" + SOURCE.replace("\n", "\r\n")
    changed = edit(text, ("    return a + b\n", "    total = a + b\n    return total\n"))
    assert changed == "\ufeff" + SOURCE.replace(
        "    return a + b\n", "    total = a + b\n    return total\n"
    ).replace("\n", "\r\n")


def test_an_edit_sent_with_crlf_works_on_a_file_without():
    changed = edit(SOURCE, ("    return a + b\r\n\r\n", "    return b + a\r\n\r\n"))
    assert changed == SOURCE.replace("a + b", "b + a")


def test_lines_with_other_ends_stay_as_they_are():
    text = "one\r\ntwo\nthree\r\nfour\r\n"
    assert (
        edit(text, ("two\nthree\n", "two\n2.5\nthree\n")) == "one\r\ntwo\n2.5\r\nthree\r\nfour\r\n"
    )


@pytest.mark.parametrize(
    ("text", "old", "new", "changed"),
    [
        ("a\nb", "b\n", "c\n", "a\nc"),
        ("a\nb\n", "b\n", "c", "a\nc\n"),
        ("a\nb\n", "b", "c", "a\nc\n"),
        ("a\nb  \n", "b", "c", "a\nc  \n"),
        ("a\nb\n", "b\n", "", "a\n"),
        ("a  \nb", "a\nb\n", "a\nb\nc\n", "a  \nb\nc"),
    ],
)
def test_the_final_newline_stays_or_stays_away(text, old, new, changed):
    assert edit(text, (old, new)) == changed


def test_nothing_is_applied_when_one_replacement_fails():
    message = refusal(SOURCE, ("a + b", "a * b"), ("a / b", "a // b"))
    assert message.startswith("Replacement 2 of 2 does not match")


def test_several_matches_are_refused_with_their_lines():
    message = refusal(SOURCE, ("return a", "return 0 + a"))
    assert "2 places: lines 2, 6" in message
    assert "near_line" in message


@pytest.mark.parametrize(("near_line", "changed_line"), [(1, 2), (2, 2), (5, 6), (7, 6)])
def test_a_line_number_decides_among_several(near_line, changed_line):
    changed = edit(SOURCE, ("return a", "return 0 + a"), near_line=near_line).splitlines()
    assert [index for index, line in enumerate(changed, start=1) if "0 + a" in line] == [
        changed_line
    ]


@pytest.mark.parametrize("near_line", [4, 99])
def test_a_line_number_that_is_not_near_one_of_them_does_not_decide(near_line):
    assert "2 places" in refusal(SOURCE, ("return a", "return 0 + a"), near_line=near_line)


def test_an_exact_match_wins_over_lines_that_differ_in_trailing_space():
    text = "x = 1  \ny = 2\nx = 1\ny = 2\n"
    assert edit(text, ("x = 1\ny = 2\n", "x = 3\ny = 2\n")) == "x = 1  \ny = 2\nx = 3\ny = 2\n"


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([("", "x")], "empty `old`"),
        ([("a + b", "a + b")], "same text"),
        ([("def sub(a, b):\n", "def sub(a, b):\r\n")], "same text"),
        ([], "nothing to replace"),
        ([("return a + b", "x"), ("a + b", "y")], "change the same text"),
        ([("a + b", "x"), ("a + b", "x")], "change the same text"),
    ],
)
def test_edits_that_cannot_be_meant_are_refused(pairs, reason):
    assert reason in refusal(SOURCE, *pairs)


def test_neighbouring_replacements_do_not_overlap():
    assert edit("ab", ("a", "b"), ("b", "a")) == "ba"


def test_an_edit_that_comes_out_as_the_file_is_refused():
    assert "leaves 'src/calc.py' as it is" in refusal("x \ny\n", ("x\ny\n", "x \ny\n"))


def test_a_near_miss_is_shown_with_line_numbers_and_differences():
    message = refusal(SOURCE, ("def sub(a, b):\n    return a - c\n", "pass\n"))
    assert "    6 |     return a - b" in message
    assert "-     return a - c\n" in message
    assert "+     return a - b" in message


def test_a_refusal_is_short_whatever_was_sent():
    text = "\n".join(f"line {number} of the file" for number in range(3000))
    old = "\n".join(f"line {number} of the page" for number in range(500, 700))
    message = refusal(text, (old, "x"))
    assert message.count("\n") < 32
    assert "  501 | line 500 of the file" in message


LINES = st.lists(st.sampled_from(["", "a", "b ", "  c", "d\t", "é"]), min_size=1, max_size=12)
END = st.sampled_from(["\n", "\r\n"])


@given(LINES, LINES, END, st.booleans(), st.data())
def test_applying_is_the_inverse_of_making(lines, inserted, end, final_newline, data):
    before = "\n".join(lines) + ("\n" if final_newline else "")
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    after = "\n".join((*lines[:first], *inserted, *lines[last + 1 :]))
    after += "\n" if final_newline else ""
    old = "\n".join(lines[first : last + 1])
    new = "\n".join(inserted)
    assume(old and old != new and f"{before}\n".count(old) == 1)
    assume(f"{before}\n".find(old) == f"{before}\n".rfind(old))
    # The file's final newline is kept even when an edit forgets it.
    assume(not (before.endswith(old) and old.endswith("\n") and not new.endswith("\n")))
    # What is to be added beside a line may be there already; that is refused.
    assume(new not in f"{before}\n")
    changed = edit(before.replace("\n", end), (old, new))
    # A file without any line end says nothing about the ends of new lines.
    assert changed == (after.replace("\n", end) if "\n" in before else after)


OUTSIDE = st.text("ab \t\r\n\ufeff\u2028", max_size=30)
SPACE = st.text(" \t", max_size=3)


@given(OUTSIDE, SPACE, END, SPACE, END, OUTSIDE, st.text("xy\n", max_size=12))
def test_nothing_outside_the_region_changes(before, space, end, space_after, last_end, after, new):
    text = f"{before}\n<1>{space}{end}<2>{space_after}{last_end}{after}"
    assume(before[-1:] != "\r")
    changed = edit(text, ("<1>\n<2>", new))
    assert changed.startswith(f"{before}\n")
    rest = changed.removeprefix(f"{before}\n")
    assert rest.endswith(f"{last_end}{after}")
    # An exact match ends where the old text ends; the space behind it is outside.
    assert rest.removesuffix(f"{last_end}{after}").rstrip(" \t").replace("\r\n", "\n") == new


@given(st.text("ab\r\n", max_size=40))
def test_a_replacement_undone_gives_the_text_back(text):
    marked = f"{text}MARK{text}"
    there = edit(marked, ("MARK", "OTHER"))
    assert edit(there, ("OTHER", "MARK")) == marked


def test_a_blank_first_line_is_no_end_of_another_line():
    text = "intro\n\n * Doc\n */\ncode\n"
    sent = ("\n * Doc\n */\n", " * Docs\n */\n")
    assert edit(text, sent) == "intro\n * Docs\n */\ncode\n"
    assert "does not match" in refusal(text.replace("\n\n", "\n/**\n"), sent)


COPIES = "".join(
    f"def test_{name}():\n    client = connect()\n    answer = client.get()\n    assert answer.ok\n\n\n"
    for name in ("one", "two", "three", "four", "five")
)


def test_a_line_number_decides_between_places_that_are_equally_alike():
    old = "    client = self.connect()\n    answer = client.get()\n    assert answer.ok\n"
    new = old.replace("answer.ok", "answer.fine")
    assert "places" in refusal(COPIES, (old, new))
    lines = COPIES.split("\n")
    for row in (1, 13, 25):
        changed = edit(COPIES, (old, new), near_line=row + 1).split("\n")
        assert [at for at, line in enumerate(changed) if line != lines[at]] == [row + 2]


def test_places_that_are_clear_tell_how_far_line_numbers_are_off():
    text = "# new\n" * 5 + COPIES.replace("def test_one", "def test_first")
    clear = [
        (
            "def test_two():\n    client = self.connect()\n",
            "def test_2():\n    client = self.connect()\n",
        ),
        (
            "def test_four():\n    client = self.connect()\n",
            "def test_4():\n    client = self.connect()\n",
        ),
    ]
    old = "    answer = client.get(x)\n    assert answer.ok\n"
    sent = [*clear, (old, old.replace("ok", "fine"))]
    replacements = [
        Replacement(old=pair[0], new=pair[1], near_line=line)
        for pair, line in zip(sent, (7, 19, 15), strict=True)
    ]
    changed = apply_replacements("src/calc.py", text, replacements).split("\n")
    assert [at for at, line in enumerate(changed) if "fine" in line] == [5 + 15]


def test_which_of_moved_lines_stays_is_not_guessed_where_it_shows():
    text = "import b  \nimport a\nrun()\n"
    moved = ("import b\nimport a\n", "import a\nimport b\n")
    assert "moves or repeats lines" in refusal(text, moved)
    assert edit(text.replace("b  ", "b"), moved) == "import a\nimport b\nrun()\n"
