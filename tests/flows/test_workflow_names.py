"""`from flows import NAME` is the workflow: late, whatever was imported before, and not its module."""

import ast
import inspect
import subprocess
import sys

import pytest

import flows
from mergewright.domain.delivery import Delivery
from tests.journeys.places import ROOT
from tests.texts.conftest import delivery_of


def python(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.strip()


def test_the_names_are_known_before_any_workflow_is_imported():
    script = "import sys, flows; print('prefect' in sys.modules, *dir(flows))"
    prefect, *names = python(script).split()
    assert prefect == "False"
    assert {"standard_dev", "replay", "undo"} <= set(names)
    assert not [name for name in names if name.startswith("_")]


@pytest.mark.parametrize("before", ["", "import flows.undo", "from flows.undo import undo as x"])
def test_a_name_is_the_workflow_whatever_was_imported_before(before):
    script = f"{before}\nfrom flows import undo\nprint(type(undo).__name__, undo.name)"
    assert python(script) == "Flow undo"


def test_the_three_that_deliver_are_imported_by_name():
    told = python(
        "from flows import documentation, hotfix, standard_dev\n"
        "print(*(flow.name for flow in (documentation, hotfix, standard_dev)))"
    )
    assert told == "documentation hotfix standard-dev"


def test_a_name_that_is_no_workflow_is_refused():
    with pytest.raises(ImportError, match="'nothing' from 'flows'"):
        from flows import nothing  # noqa: F401, PLC0415 - it is not there
    assert not hasattr(flows, "_secret")


def test_a_report_shows_itself_once_workflows_are_known():
    shown = delivery_of()._repr_mimebundle_()
    assert isinstance(delivery_of(), Delivery)
    assert shown["text/html"].startswith("<div")
    assert shown["text/plain"].startswith("TRACK-42: ")


def test_type_checkers_are_told_of_every_workflow():
    parsed = ast.parse(inspect.getsource(flows))
    (checked,) = (node for node in parsed.body if isinstance(node, ast.If))
    told = {(line.module, line.names[0].name) for line in checked.body}
    assert told == {(f"flows.{name}", name) for name in dir(flows)}
