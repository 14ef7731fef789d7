from pathlib import Path

from mergewright.clients.check_output import (
    MAX_OUTPUT_CHARACTERS,
    keep_end,
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
