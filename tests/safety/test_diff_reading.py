import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.errors import ChangeRefused
from mergewright.safety.diff_reading import read_diff


@pytest.fixture
def git_diff(tmp_path):
    """Return a function that takes two trees as {path: bytes} and returns git's diff of them."""

    def git(*arguments):
        command = ("git", "-c", "user.name=a", "-c", "user.email=a@b.org", *arguments)
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout

    def diff(before, after):
        git("init", "--quiet")
        for path, content in before.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "--message=base")
        for path in before.keys() - after.keys():
            (tmp_path / path).unlink()
        for path, content in after.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                (tmp_path / path).symlink_to(content)
            else:
                (tmp_path / path).write_bytes(content)
        git("add", "--all")
        return git("diff", "--cached", "-M", "--full-index").decode(errors="replace")

    return diff


def test_paths_are_what_they_are_on_disk(git_diff):
    names = ["sp ace.txt", "café.txt", 'q"uo\tte.txt', "new\nline.txt", "日本/ü.txt"]
    diff = git_diff({}, dict.fromkeys(names, b"x\n"))
    assert sorted(file.path for file in read_diff(diff)) == sorted(names)


def test_added_lines_have_the_numbers_of_the_changed_file(git_diff):
    before = "".join(f"{number}\n" for number in range(1, 40)).encode()
    after = before.replace(b"10\n", b"++ ten\n-- ten\n").replace(b"30\n", b"thirty\r\n")
    (file,) = read_diff(git_diff({"a.txt": before}, {"a.txt": after}))
    added = {line.number: line.text for line in file.lines if line.is_added}
    assert added == {10: "++ ten\n", 11: "-- ten\n", 31: "thirty\r\n"}
    assert file.added_bytes == len(b"++ ten\n-- ten\nthirty\r\n")


def test_renames_deletions_binaries_and_links_are_told_apart(git_diff):
    content = b"".join(b"line %d\n" % number for number in range(20))
    diff = git_diff(
        {"old.txt": content, "gone.bin": b"\0\1", "gone.txt": b"x\n"},
        {"new.txt": content + b"more\n", "image.bin": b"\0\2\3", "link": "/etc/passwd"},
    )
    files = {file.path: file for file in read_diff(diff)}
    assert files["new.txt"].old_path == "old.txt"
    assert [path for path, file in files.items() if file.is_deleted] == ["gone.bin", "gone.txt"]
    assert [path for path, file in files.items() if file.is_binary] == ["gone.bin", "image.bin"]
    assert [path for path, file in files.items() if file.is_link] == ["link"]


def test_a_diff_without_git_is_read():
    (file,) = read_diff("--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a\n+b\n")
    assert (file.path, file.lines[-1]) == ("x.py", (2, "b\n", True))


@pytest.mark.parametrize(
    "diff",
    ["not a diff", "+++ b/x\n@@ -1,1 +1,9 @@\n+a\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n a\n+b\n"],
)
def test_what_cannot_be_read_is_refused(diff):
    with pytest.raises(ChangeRefused, match="cannot be read"):
        read_diff(diff)


def test_an_empty_diff_has_no_files():
    assert read_diff("") == ()


PIECES = st.sampled_from(
    [
        "diff --git a/x b/x\n",
        "--- a/x\n",
        "+++ b/x\n",
        "--- /dev/null\n",
        "new file mode 100644\n",
        "deleted file mode 100644\n",
        "rename from y\n",
        "Binary files a/x and b/x differ\n",
        "@@ -1 +1 @@\n",
        "@@ -0,0 +1,2 @@\n",
        " a\n",
        "-b\n",
        "+c\n",
        "+++ d\n",
        "\\ No newline at end of file\n",
        '"',
        "\r",
        "\n",
    ]
)


@given(st.lists(PIECES, max_size=15))
def test_no_added_line_is_ever_overlooked(pieces):
    diff = "".join(pieces)
    try:
        files = read_diff(diff)
    except ChangeRefused:
        return
    added = [line.text for file in files for line in file.lines if line.is_added]
    assert added.count("c\n") == diff.split("\n").count("+c")
