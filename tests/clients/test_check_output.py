from pathlib import Path

from mergewright.clients.check_output import (
    MAX_OUTPUT_CHARACTERS,
    keep_end,
    placed_findings,
    tidier,
)


def test_equal_trees_give_equal_text():
    first = (
        "rootdir: /s/aa-1/tree\n/s/aa-1/tree/a.py:3: <X object at 0x7f3574159650>\n"
        "/tmp/mergewright-home-ab12/file\n"
        "========= 1 failed in 0.03s =========\nRan 3 tests in 0.001s\n1 passed in 61.2s (0:01:01)"
    )
    second = (
        "rootdir: /s/bb-22/tree\n/s/bb-22/tree/a.py:3: <X object at 0x7f99999999f0>\n"
        "/var/tmp/mergewright-home-zz/file\n"
        "======== 1 failed in 10.03s ========\nRan 3 tests in 1.201s\n1 passed in 0.5s"
    )
    texts = [
        tidier(Path(f"/s/{name}/tree"))(text) for name, text in (("aa-1", first), ("bb-22", second))
    ]
    assert texts[0] == texts[1]
    assert texts[0] == (
        "rootdir: .\na.py:3: <X object at 0x...>\n~/file\n== 1 failed ==\nRan 3 tests\n1 passed"
    )


def test_secrets_do_not_come_out():
    assert "ghp_" not in tidier(Path("/s"))("token ghp_abcdefghijklmnopqrstuvwx012345")


def test_a_long_output_keeps_its_end_from_a_line_on():
    text = "\n".join(f"line {number}" for number in range(5_000))
    kept = keep_end(text)
    assert len(kept) <= MAX_OUTPUT_CHARACTERS + 4
    assert kept.startswith("...\nline ")
    assert kept.endswith("line 4999")
    assert keep_end("short\n") == "short"


def test_lines_that_name_a_place_are_findings(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").touch()
    text = (
        "src/a.py:3:1: F401 'os' imported but unused\n"
        'src/a.py:7: error: Name "x" is not defined  [name-defined]\n'
        "src/a.py:7: note: see elsewhere\n"
        "./src/a.py:9: something else\n"
        "elsewhere.py:1: no such file\nFound 3 errors"
    )
    found = placed_findings(text, "lint", tmp_path)
    assert [(item.path, item.line, item.rule) for item in found] == [
        ("src/a.py", 3, "F401"),
        ("src/a.py", 7, "name-defined"),
        ("src/a.py", 9, "lint"),
    ]
