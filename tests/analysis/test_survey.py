from time import process_time

from mergewright.analysis.survey import survey
from mergewright.domain.codebase import CheckKind
from mergewright.domain.ticket import Ticket
from tests.analysis.trees import files

TICKET = Ticket(key="SHOP-1", title="Dates are parsed wrongly", description="")

TREE = {
    "pyproject.toml": "[project]\ndependencies = ['flask']\n[tool.ruff]\nline-length = 90\n",
    "shop/dates.py": "def parse_date(text): ...\n",
    "web/app.tsx": "export {}\n",
    "web/app.ts": "export {}\n",
    "tests/test_dates.py": "from shop import dates\ndef test_it(): ...\n",
    "bin/run": "#!/usr/bin/env python3\n",
    "logo.png": b"\x89PNG\0",
    "poetry.lock": "[[package]]\n",
}


def test_a_tree_becomes_facts():
    codebase = survey("c0ffee", files(TREE), TICKET)
    assert (codebase.commit, codebase.file_count) == ("c0ffee", len(TREE))
    assert [(language.name, language.files) for language in codebase.languages] == [
        ("Python", 3),
        ("TypeScript", 2),
    ]
    assert [manifest.path for manifest in codebase.manifests] == ["pyproject.toml"]
    assert [framework.name for framework in codebase.frameworks] == ["flask"]
    assert [command.kind for command in codebase.commands] == [
        CheckKind.SYNTAX,
        CheckKind.LINT,
        CheckKind.TESTS,
    ]
    assert {convention.topic for convention in codebase.conventions} == {
        "line length",
        "test layout",
    }
    assert [file.path for file in codebase.relevant_files] == [
        "shop/dates.py",
        "tests/test_dates.py",
    ]
    assert codebase.test_paths == ("tests",)


def test_an_empty_tree_is_a_tree():
    codebase = survey("c0ffee", [], TICKET)
    assert codebase.file_count == 0
    assert codebase.commands == ()
    assert codebase.relevant_files == ()


def test_the_order_of_files_changes_nothing():
    listing = files(TREE)
    expected = survey("c", listing, TICKET)
    for turn in range(1, len(listing)):
        assert survey("c", listing[turn:] + listing[:turn], TICKET) == expected
    assert survey("c", listing[::-1], TICKET) == expected


def test_five_thousand_files_take_seconds():
    body = "\n".join(f"def handle_{number}(request, order): return order" for number in range(60))
    tree = {f"pkg{number % 50}/module_{number}.py": f"# {number}\n{body}" for number in range(5000)}
    listing = files(tree)
    begin = process_time()
    codebase = survey("c", listing, TICKET)
    assert process_time() - begin < 10
    assert codebase.languages[0].files == 5000
