"""Rules of the house that no linter checks."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("deployments", "flows", "tasks", "blocks", "mergewright")
MODULES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 50
BANNED_STEMS = {"utils", "helpers", "common", "manager", "base", "misc", "core"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_modules_are_small(path):
    assert len(path.read_text().splitlines()) <= MAX_MODULE_LINES


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_functions_are_short(path):
    tree = ast.parse(path.read_text())
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and code_lines(node) > MAX_FUNCTION_LINES
    ]
    assert not long


def code_lines(node):
    """Lines of a function without its docstring and its signature."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno - body[0].lineno + 1) if body else 0


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_names_say_what_is_inside(path):
    assert path.stem not in BANNED_STEMS


def test_no_flow_module_shadows_another_import():
    taken = set(sys.stdlib_module_names) | {"prefect", "tasks", "blocks", "mergewright", "prompts"}
    stems = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}
    assert not stems & taken


def test_flow_file_function_and_deployment_have_one_name():
    deployed = re.findall(r"entrypoint: (\S+)", (ROOT / "prefect.yaml").read_text())
    assert deployed
    for entry_point in deployed:
        room, file, function = entry_point.split(".")
        assert (room, file) == ("flows", function)
        tree = ast.parse((ROOT / room / f"{file}.py").read_text())
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_locks_hold_versions_and_hashes_and_no_address():
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text
        assert "--index" not in text
        pins = re.findall(r"^[a-z0-9][^\s=]*==\S+", text, re.MULTILINE)
        assert len(pins) > 100
        for block in re.split(r"\n(?=[a-z0-9])", text.strip()):
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_pure_rooms_start_without_frameworks():
    rooms = ("domain", "budget", "analysis", "patching", "safety", "routing")
    script = "import importlib, pkgutil, sys\n" + "\n".join(
        f"import mergewright.{room} as room\n"
        "for module in pkgutil.iter_modules(room.__path__, room.__name__ + '.'):\n"
        "    importlib.import_module(module.name)"
        for room in rooms
    )
    script += "\nprint(sorted({'prefect', 'langchain', 'langchain_core'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_every_decision_says_what_was_measured_or_weighed():
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert decisions
    for decision in decisions:
        text = decision.read_text()
        for heading in ("## Context", "## Choice", "## Alternatives", "## Consequences"):
            assert heading in text, f"{decision.name} has no {heading}"
