"""Notebooks are kept without what running them leaves behind."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_outputs_and_counts_are_stripped(path):
    left = [
        f"cell {place}: {name}"
        for place, cell in enumerate(read(path)["cells"])
        for name in ("outputs", "execution_count", "attachments")
        if cell.get(name)
    ]
    assert left == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_nothing_of_a_machine_or_an_editor_is_in_the_metadata(path):
    document = read(path)
    assert document["metadata"] == METADATA
    assert [cell["metadata"] for cell in document["cells"] if cell["metadata"]] == []
    ids = [cell["id"] for cell in document["cells"]]
    assert len(set(ids)) == len(ids)
