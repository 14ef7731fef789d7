from mergewright.patching.nearest import MAX_LINE_CHARACTERS, describe_nearest


def nearest(text, old):
    return describe_nearest(text.removesuffix("\n").split("\n") if text else [], old.split("\n"))


def test_the_window_with_most_shared_lines_wins():
    text = "a = 1\nb = 2\n\na = 1\nb = 2\nc = 3\n"
    assert "lines 4 to 6" in nearest(text, "a = 1\nb = 2\nc = 4")


def test_without_a_shared_line_the_most_similar_one_is_found():
    description = nearest("x = 1\ntotal = first + second\n", "total = first - second")
    assert "    2 | total = first + second" in description
    assert "- total = first - second\n+ total = first + second" in description


def test_a_file_without_anything_alike_is_said_so():
    assert nearest("x\n", "entirely different words") == "Nothing in the file is like it."
    assert nearest("x\n", "\n\n") == "Nothing in the file is like it."
    assert nearest("", "x") == "The file is empty."


def test_a_text_longer_than_the_file_is_compared_with_all_of_it():
    assert "lines 1 to 2" in nearest("a = 1\nb = 2\n", "a = 1\nb = 2\nc = 3\nd = 4")


def test_long_lines_are_cut_and_what_cannot_be_seen_is_shown():
    description = nearest("x = '" + "y" * 1000 + "'\nz = 1\n", "x = 'y'\nz = 1")
    assert max(len(line) for line in description.splitlines()) <= MAX_LINE_CHARACTERS + 20
    assert "+ z = 1'  '" in nearest("a = 1\nz = 1  \n", "a = 1\nz = 1")
    assert "+ z =\\u200b1" in nearest("a = 1\nz =\u200b1\n", "a = 1\nz = 1")
