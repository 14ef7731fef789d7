import pytest

from mergewright.analysis.comments_only import is_same_code

PYTHON = "import os\n\n\nclass A:\n    def f(self):\n        return 1  # noqa: X\n"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", PYTHON, '"""Module."""\n' + PYTHON),
        ("a.py", PYTHON, PYTHON.replace("class A:\n", 'class A:\n    """A."""\n\n')),
        ("a.py", 'def f():\n    """Old."""\n', 'def f():\n    """New."""\n'),
        ("a.py", "def f():\n    pass\n", 'def f():\n    """Do nothing."""\n'),
        ("a.go", "package a\n\nfunc F() {}\n", "package a\n\n// F does it.\nfunc F() {}\n"),
        ("a.ts", "export const a = 1;\n", "/** The first. */\nexport const a = 1;\n"),
        ("A.java", "class A { int f() { return 1; } }", "class A { /** One. */ int f() { return 1; } }"),
        ("a.rs", "pub fn f() {}\n", "/// Does it.\npub fn f() {}\n"),
    ],
)  # fmt: skip
def test_what_only_explains_more_is_the_same_code(path, before, after):
    assert is_same_code(path, before, after)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", PYTHON, PYTHON.replace("return 1", "return 2")),
        ("a.py", PYTHON, PYTHON.replace("  # noqa: X", "")),
        ("a.py", PYTHON, PYTHON.replace("import os\n", "import os  # type: ignore\n")),
        ("a.py", "def f():\n    'x'\n    return 1\n", "def f():\n    return 'x'\n"),
        ("a.py", "x = 1\n", "x = (\n"),
        ("a.go", "package a\n", "//go:build ignore\n\npackage a\n"),
        ("a.ts", "const a = 1;\n", "// @ts-ignore\nconst a = 1;\n"),
        ("a.rs", "fn f() {}\n", "fn f() { g() }\n"),
        ("a.toml", "a = 1\n", "# x\na = 1\n"),
        ("a.unknown", "a\n", "b\n"),
        ("a.py", "(" * 5000, ")" * 5000),
    ],
)
def test_what_does_something_else_is_not(path, before, after):
    assert not is_same_code(path, before, after)
