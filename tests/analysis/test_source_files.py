from mergewright.analysis.source_files import MAX_TEXT_BYTES, SourceFile, Sources
from tests.analysis.trees import sources


def test_a_file_is_read_once_and_only_when_asked():
    reads = []

    def read():
        reads.append("a.py")
        return b"x = 1\n"

    tree = Sources([SourceFile("a.py", 6, read)])
    assert [file.path for file in tree] == ["a.py"]
    assert reads == []
    assert tree.text("a.py") == tree.text("a.py") == "x = 1\n"
    assert reads == ["a.py"]


def test_what_is_not_hand_written_text_reads_as_empty():
    tree = sources(
        {
            "a.bin.txt": b"a\0b",
            "large.py": b"#" * (MAX_TEXT_BYTES + 1),
            "yarn.lock": "x",
            "latin.py": b"# \xe9",
            "marked.py": b"\xef\xbb\xbfx = 1",
        }
    )
    assert [tree.text(path) for path in ("a.bin.txt", "large.py", "yarn.lock", "gone.py")] == [
        ""
    ] * 4
    assert tree.text("latin.py") == "# \ufffd"
    assert tree.text("marked.py") == "x = 1"


def test_lock_files_exist_though_they_are_not_iterated_over():
    tree = sources({"yarn.lock": "x", "b.py": "", "a.py": ""})
    assert "yarn.lock" in tree
    assert "gone.py" not in tree
    assert [file.path for file in tree] == ["a.py", "b.py"]


def test_only_files_without_a_suffix_are_opened_for_their_language():
    def refuse():
        raise AssertionError

    tree = Sources([SourceFile("a.py", 6, refuse)])
    assert tree.language("a.py").name == "Python"
    assert sources({"bin/tool": "#!/bin/sh\n"}).language("bin/tool").name == "Shell"
