"""What the tools printed when they were run on two wrong files each."""

import pytest

from mergewright.clients.finding_reports import find_findings
from mergewright.domain.codebase import CheckKind

FLAKE8_AND_MYPY = """\
src/a.py:3:1: F401 'os' imported but unused
src/a.py:7: error: Name "x" is not defined  [name-defined]
src/a.py:7: note: see elsewhere
./src/a.py:9: something else
elsewhere.py:1: no such file
Found 3 errors
"""
TSC = "src/a.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.\n"
ESLINT = """\

src/b.js
  1:5   warning  'unused' is assigned a value but never used                      no-unused-vars
  2:5   error    Expected a conditional expression and instead saw an assignment  no-cond-assign
  2:14  error    'console' is not defined                                         no-undef

nowhere.js
  1:1  error  not ours  no-undef

✖ 4 problems (3 errors, 1 warning)
"""
RUSTC = """\
    Checking shop v0.1.0 (.)
error[E0308]: mismatched types
 --> src/lib.rs:1:45
  |
1 | pub fn a() -> i32 { let y: i32 = "a"; 1 }

error: could not compile `shop` (lib) due to 1 previous error
"""
VET = "# example.org/shop/broken\nvet: src/b.go:5:32: undeclared name: nothing\n"
RUFF_FORMAT = """\
unformatted: File would be reformatted
 --> src/a.py:2:1
  |
1 | import os
  - x  = 1
2 +
3 + x = 1

1 file would be reformatted
"""
PRETTIER = (
    "Checking formatting...\n[warn] src/a.ts\n[warn] src/b.js\n[warn] Code style issues found\n"
)
RUSTFMT = (
    "Diff in src/lib.rs:1:\n-pub fn a( ) ->i32{1}\n+pub fn a() -> i32 {\nDiff in src/lib.rs:9:\n"
)
BLACK = "would reformat src/a.py\nOh no!\n1 file would be reformatted.\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "src").mkdir()
    for name in ("a.py", "a.ts", "b.js", "b.go", "lib.rs"):
        (tmp_path / "src" / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            FLAKE8_AND_MYPY,
            [("src/a.py", 3, "F401"), ("src/a.py", 7, "name-defined"), ("src/a.py", 9, "tool")],
        ),
        (TSC, [("src/a.ts", 1, "TS2322")]),
        (ESLINT, [("src/b.js", 2, "no-cond-assign"), ("src/b.js", 2, "no-undef")]),
        (RUSTC, [("src/lib.rs", 1, "E0308")]),
        (VET, [("src/b.go", 5, "tool")]),
    ],
)
def test_what_names_a_place_is_a_finding(folder, text, found):
    findings = find_findings(CheckKind.LINT, text, "tool", folder)
    assert [(each.path, each.line, each.rule) for each in findings] == found


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (RUFF_FORMAT, ["src/a.py"]),
        (PRETTIER, ["src/a.ts", "src/b.js"]),
        (RUSTFMT, ["src/lib.rs"]),
        (BLACK, ["src/a.py"]),
        ("src/b.go\n", ["src/b.go"]),
    ],
)
def test_what_is_not_formatted_is_named_once(folder, text, paths):
    findings = find_findings(CheckKind.FORMAT, text, "tool", folder)
    assert [(each.path, each.rule, each.message) for each in findings] == [
        (path, "tool", "is not formatted") for path in paths
    ]
