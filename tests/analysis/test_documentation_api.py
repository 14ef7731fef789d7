"""Public names by the syntax of each language, from files as they lie in a commit."""

import pytest

from mergewright.analysis.blob_facts import encode
from mergewright.analysis.code_index import CodeIndex, FileState, IndexedFile
from mergewright.analysis.documentation_api import api_changes, public_names
from mergewright.analysis.extraction import read_blob
from mergewright.analysis.languages import language_of


def names(path: str, text: str):
    language = language_of(path).name
    measures, columns = read_blob(language, text.encode())
    file = IndexedFile(path, "b", len(text), language, FileState.PARSED)
    index = CodeIndex("c", (file,), {path: encode(measures, columns)})
    return public_names(index, [path, "gone.py"], lambda _: text)


def told(path: str, text: str) -> dict[str, str]:
    return {name.name: name.declaration for name in names(path, text).values()}


PYTHON = '''
@cache
def split(
    total: int, people: int = 2
) -> int:
    """Split."""
    def inner(): ...
    return total


def _hidden(): ...


class Ledger(Base):
    def reserve(self, private: bool) -> None: ...
    def _own(self): ...


class _Own:
    def told(self): ...
'''


def test_python():
    assert told("tally.py", PYTHON) == {
        "split": "def split( total: int, people: int = 2 ) -> int:",
        "Ledger": "class Ledger(Base):",
        "Ledger.reserve": "def reserve(self, private: bool) -> None: ...",
    }
    assert names("tally.py", PYTHON)["tally.py", "split"].explained


@pytest.mark.parametrize(
    ("path", "text", "public"),
    [
        ("a.go", "package a\n\nfunc Open(x int) error {\n}\n\nfunc shut() {}\n", {"Open"}),
        ("a.rs", "pub fn open() {}\npub(crate) fn near() {}\nfn shut() {}\n", {"open"}),
        (
            "a.ts",
            "export class A {\n  open(): void {}\n  private shut() {}\n}\nfunction own() {}\n",
            {"A", "A.open"},
        ),
        (
            "A.java",
            "public class A {\n  public static int open(int x) { return x; }\n  int near() { return 1; }\n}\n",
            {"A", "A.open"},
        ),
        ("a.c", "int open_it(int x) {\n  return x;\n}\nstatic int shut(void) { return 1; }\n", {"open_it"}),
    ],
)  # fmt: skip
def test_each_language_says_in_its_own_way_what_is_public(path, text, public):
    assert set(told(path, text)) == public


def test_tests_and_odd_texts_have_no_public_names():
    assert not names("tests/test_a.py", "def test_a(): ...\n")
    assert not names("tally/_own.py", "def f(): ...\n")
    assert names("tally/__init__.py", "def f(): ...\n")
    assert not told("a.py", "def (((\n")
    assert told("a.py", "def f(\n" + "a,\n" * 500 + "): ...\n")["f"].startswith("def f( a, a,")


def test_what_moved_as_it_was_has_not_changed():
    before = names("a.py", "def stay(): ...\ndef move(x): ...\ndef go(): ...\ndef turn(a): ...\n")
    after = names("a.py", "def stay(): ...\ndef turn(a, b): ...\ndef come(): ...\n")
    after |= names("b.py", "def move(x): ...\n")
    assert [
        (one.action, one.name, one.before, one.after) for one in api_changes(before, after)
    ] == [
        ("added", "come", "", "def come(): ..."),
        ("removed", "go", "def go(): ...", ""),
        ("changed", "turn", "def turn(a): ...", "def turn(a, b): ..."),
    ]
