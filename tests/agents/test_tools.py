import pytest
from langchain_core.tools import ToolException

from mergewright.agents.tools import MAX_LINES_READ, checking_tool, editing_tools, reading_tools
from mergewright.errors import EditConflict


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.py").write_text("".join(f"x{n} = {n}\n" for n in range(1, 21)))
    return tmp_path


@pytest.fixture
def call(folder):
    """Return what calls a tool by name, as an agent does."""
    refusal = {"ci.yml": "it is protected"}
    tools = {
        tool.name: tool
        for tool in [
            *reading_tools(folder),
            *editing_tools(folder, refusal=lambda path: refusal.get(path, "")),
            checking_tool(lambda: "all green"),
        ]
    }
    return lambda name, **arguments: tools[name].invoke(arguments)


def change(old, new):
    return [{"old": old, "new": new}]


def test_only_editing_tools_change_files(folder):
    assert not any(tool.mutating for tool in reading_tools(folder))
    assert all(tool.mutating for tool in editing_tools(folder))
    assert not checking_tool(lambda: "").mutating


def test_reading_numbers_lines(call):
    assert call("read_file", path="a.py", first_line=2, last_line=3) == (
        "a.py, lines 2 to 3 of 20:\n2\tx2 = 2\n3\tx3 = 3"
    )
    assert call("read_file", path="./a.py", first_line=20).endswith("20\tx20 = 20")
    with pytest.raises(ToolException, match="no line 21"):
        call("read_file", path="a.py", first_line=21)


def test_long_files_and_lines_are_cut_with_a_word(call, folder):
    (folder / "long.txt").write_text("y\n" * (MAX_LINES_READ + 10) + "z" * 5_000)
    first = call("read_file", path="long.txt")
    assert first.endswith(
        f"... lines {MAX_LINES_READ + 1} to {MAX_LINES_READ + 11} are not shown; ask for them."
    )
    assert call("read_file", path="long.txt", first_line=MAX_LINES_READ + 11).endswith(
        "z... (5000 characters)"
    )
    (folder / "empty").write_text("")
    assert call("read_file", path="empty") == "empty is empty."


def test_an_edit_shows_what_is_there_now(call, folder):
    answer = call("edit_file", path="a.py", replacements=change("x10 = 10\n", "x10 = 'ten'\n"))
    assert answer.splitlines()[0] == "Changed a.py; it now reads:"
    assert "10\tx10 = 'ten'" in answer
    assert "7\tx7 = 7" in answer
    assert "1\tx1 = 1\n" not in answer
    assert "x10 = 'ten'\n" in (folder / "a.py").read_text()


def test_an_edit_that_breaks_the_file_says_so_once(call):
    broken = call("edit_file", path="a.py", replacements=change("x1 = 1\n", "x1 = = 1\n"))
    assert "no longer parses" in broken
    assert "a.py:1: invalid syntax" in broken
    other = call("edit_file", path="a.py", replacements=change("x5 = 5\n", "x5 = 6\n"))
    assert "no longer parses" not in other


def test_an_edit_that_matches_nowhere_changes_nothing(call, folder):
    before = (folder / "a.py").read_text()
    with pytest.raises(EditConflict):
        call(
            "edit_file",
            path="a.py",
            replacements=[*change("x1 = 1", "x1 = 2"), *change("nothing like this", "y")],
        )
    assert (folder / "a.py").read_text() == before


def test_creating_and_deleting(call, folder):
    assert (
        call("create_file", path="lib/b.py", content="y = 1\n") == "Created lib/b.py with 1 lines."
    )
    assert (folder / "lib" / "b.py").read_text() == "y = 1\n"
    with pytest.raises(ToolException, match="exists already"):
        call("create_file", path="lib/b.py", content="")
    assert "no longer parses" in call("create_file", path="c.json", content="{")
    assert call("delete_file", path="lib/b.py") == "Deleted lib/b.py."
    assert not (folder / "lib" / "b.py").exists()


PATCH = """\
*** Begin Patch
*** Update File: a.py
@@
 x9 = 9
-x10 = 10
+x10 = 'ten'
*** Add File: lib/b.py
+y = 1
*** End Patch
"""


def test_a_patch_of_several_files_applies_whole(call, folder):
    answer = call("apply_patch", patch=PATCH)
    assert "10\tx10 = 'ten'" in answer
    assert "Created lib/b.py with 1 lines." in answer
    assert "x10 = 'ten'\n" in (folder / "a.py").read_text()
    assert call("apply_patch", patch="--- a/lib/b.py\n+++ /dev/null\n") == "Deleted lib/b.py."
    assert not (folder / "lib" / "b.py").exists()


def test_a_patch_that_does_not_fit_writes_nothing(call, folder):
    before = (folder / "a.py").read_text()
    with pytest.raises(EditConflict, match=r"a\.py"):
        call("apply_patch", patch=PATCH.replace("-x10 = 10", "-x10 = 11"))
    (folder / "lib").write_text("in the way")
    with pytest.raises(ToolException):
        call("apply_patch", patch=PATCH)
    assert (folder / "a.py").read_text() == before


def test_a_patch_does_not_write_where_nobody_may(call, folder):
    (folder / "ci.yml").write_text("on: push\n")
    for patch in (
        PATCH.replace("lib/b.py", "ci.yml"),
        "diff --git a/a.py b/ci.yml\nrename from a.py\nrename to ci.yml\n",
        "diff --git a/ci.yml b/a\nrename from ci.yml\nrename to a\n",
    ):
        with pytest.raises(ToolException, match="it is protected"):
            call("apply_patch", patch=patch)
    with pytest.raises(ToolException, match="leads out"):
        call("apply_patch", patch=PATCH.replace("lib/b.py", "../b.py"))
    assert (folder / "ci.yml").read_text() == "on: push\n"


def test_a_short_file_is_written_anew_when_that_is_meant(call, folder):
    (folder / "b.txt").write_bytes(b"one\r\ntwo\r\n")
    call("create_file", path="b.txt", content="one\n2\n", overwrite=True)
    assert (folder / "b.txt").read_bytes() == b"one\r\n2\r\n"


def test_the_names_of_other_editing_tools_are_understood(call, folder):
    call("edit_file", path="a.py", edits=[{"old_string": "x1 = 1\n", "new_string": "x1 = 2\n"}])
    assert (folder / "a.py").read_text().startswith("x1 = 2\n")
    call("edit_file", path="a.py", replacements=change("    2\tx2 = 2\n", "    2\tx2 = 3\n"))
    assert "\nx2 = 3\n" in (folder / "a.py").read_text()


@pytest.mark.parametrize("path", ["ci.yml", "./ci.yml", " ci.yml", ".//ci.yml"])
def test_protected_paths_are_not_written(call, folder, path):
    (folder / "ci.yml").write_text("on: push\n")
    for name, arguments in (
        ("edit_file", {"replacements": change("push", "never")}),
        ("create_file", {"content": "x"}),
        ("delete_file", {}),
    ):
        with pytest.raises(ToolException, match="may not be changed: it is protected"):
            call(name, path=path, **arguments)
    assert (folder / "ci.yml").read_text() == "on: push\n"


def test_listing_searching_and_checking(call):
    assert call("list_files") == "a.py"
    assert call("search", text="x3 ") == "a.py:3: x3 = 3"
    assert call("run_checks") == "all green"


def test_calls_are_told_in_a_few_words(folder):
    told = {
        tool.name: tool.summarise
        for tool in [*reading_tools(folder), *editing_tools(folder), checking_tool(lambda: "")]
    }
    assert told["list_files"]({}) == "list files"
    assert told["list_files"]({"folder": "src"}) == "list src"
    assert told["read_file"]({"path": "a.py", "first_line": 4}) == "read a.py from line 4"
    assert told["edit_file"]({"path": "a.py", "replacements": [1, 2]}) == "edit a.py (2 places)"
    assert told["edit_file"]({"path": "a.py", "replacements": "odd"}) == "edit a.py (0 places)"
    assert told["apply_patch"]({"patch": PATCH}) == "patch a.py and 1 more"
    assert told["apply_patch"]({"patch": "odd"}) == "apply a patch"
    assert told["delete_file"]({"path": "a.py"}) == "delete a.py"
    assert told["run_checks"]({}) == "run the checks"
