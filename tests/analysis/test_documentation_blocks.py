import pytest

from mergewright.analysis.documentation_blocks import (
    BlockRun,
    RunnableBlock,
    block_faults,
    help_faults,
    own_modules,
    recorded_commands,
    run_faults,
    runnable_blocks,
)
from mergewright.analysis.documentation_text import read_document


def read(text: str):
    return {"README.md": read_document("README.md", text)}


def fenced(language: str, code: str) -> str:
    return f"# A\n\n```{language}\n{code}\n```\n"


@pytest.mark.parametrize(
    ("language", "code", "line"),
    [
        ("python", "x = 1\ndef f(:\n", 5),
        ("json", '{"a": 1,\n}', 5),
        ("toml", "a = ", 4),
        ("yaml", "a: [1\n", 4),
        ("py", "    def f(:", 4),
    ],
)
def test_a_block_that_does_not_parse_is_found(language, code, line):
    (found,) = block_faults(read(fenced(language, code)))
    assert (found.fault.value, found.line) == ("broken code block", line)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", "  x = 1\n  print(x)"),
        ("python", ">>> x = 1\n>>> x\n1"),
        ("python", "def f():\n    ..."),
        ("python", "%pip install tally"),
        ("python no-check", "def f(:"),
        ("json", '{"a": <your key>}'),
        ("yaml", "a: {{ b }}: ["),
        ("sh", "if ("),
        ("python", "async with client as c:\n    await c.get()"),
        ("python", "await client.get()"),
        ("", "def f(:"),
    ],
)
def test_a_block_that_parses_or_is_a_sketch_is_let_be(language, code):
    assert not list(block_faults(read(fenced(language, code))))


def test_what_tells_of_the_past_is_let_be():
    document = read_document("CHANGELOG.md", fenced("python", "def f(:"))
    assert not list(block_faults({"CHANGELOG.md": document}))
    assert not runnable_blocks({"CHANGELOG.md": document})


def test_blocks_that_may_be_run_come_with_their_code_and_line():
    text = fenced("python", ">>> import tally\n>>> tally.split(1)\n2") + fenced("py no_run", "x")
    assert runnable_blocks(read(text)) == (
        RunnableBlock("README.md", 4, "import tally\ntally.split(1)\n\n\n"),
    )


def test_only_what_tells_of_our_code_is_a_fault():
    blocks = [RunnableBlock("README.md", line, f"code {line}") for line in range(1, 6)]
    runs = [
        BlockRun("README.md", 1, "ImportError", "cannot import name 'gone'", "tally"),
        BlockRun("README.md", 2, "ModuleNotFoundError", "No module named 'x'", "x"),
        BlockRun("README.md", 3, "NameError", "name 'bill' is not defined", ""),
        BlockRun("README.md", 4, "AttributeError", "no 'gone'", "tally.ledger"),
        BlockRun("README.md", 5, "", "", ""),
    ]
    found = list(run_faults(runs, blocks, frozenset({"tally"})))
    assert [(one.line, one.subject) for one in found] == [(1, "code 1"), (4, "code 4")]


def test_own_modules_are_told_by_the_files():
    paths = ["src/tally/__init__.py", "tool.py", "docs/guide.md", "my-scripts/x.py", "pkg/a/b.py"]
    assert own_modules(paths) == {"tally", "tool", "pkg"}


CONSOLE = "```console\n$ tally --help\nUsage: tally\n\n  --old\n```\n"


def test_only_declared_commands_are_run_and_compared():
    documents = read(CONSOLE + "```console\n$ rm -rf /\nx\n```\n```console\n$ 'x\n```\n")
    (found,) = recorded_commands(documents, [("tally", "--help")])
    assert (found.argv, found.line) == (("tally", "--help"), 2)
    assert not list(help_faults([found], {found.argv: "\nUsage: tally  \n\n  --old\n"}))
    assert not list(help_faults([found], {}))
    (fault,) = help_faults([found], {found.argv: "Usage: tally\n\n  --new\n"})
    assert fault.subject == "tally --help"
    assert "--new" in fault.message
