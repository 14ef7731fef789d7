"""What is written to a page besides its text."""

import json

from mergewright.clients.confluence_pages import Memory
from mergewright.clients.confluence_texts import (
    is_marked,
    label_of,
    note_of,
    part_digests,
    remembered,
)
from mergewright.clients.storage_format import to_storage
from mergewright.clients.storage_format_reading import to_markdown
from mergewright.domain.page import PageOrigin

PROPERTY_CHARACTERS = 32_768


def memory_of(parts):
    storage = "".join(f"<h2>Part {one}</h2><p>{one}</p>" for one in range(parts))
    return Memory(marker="a/b", parts=part_digests(storage))


def test_a_thousand_parts_fit_into_a_property():
    kept = remembered(memory_of(999))
    assert len(kept.parts) == 1000
    assert len(json.dumps(kept.model_dump())) < PROPERTY_CHARACTERS


def test_more_parts_are_not_remembered():
    assert remembered(memory_of(2000)).parts == {}


def test_a_note_names_files_and_links_the_web():
    origin = PageOrigin(run_url="file:///runs/<1>", pull_request_url="https://x.org/?a&b")
    shown = to_markdown(note_of(origin, "a/b"))
    assert "`file:///runs/<1>`, [pull request](https://x.org/?a&b)" in shown
    assert "Mergewright. Changes" in to_markdown(note_of(PageOrigin(), "a/b"))


def test_a_marker_is_only_what_we_wrote_as_one():
    assert is_marked(note_of(PageOrigin(), "a/b"), "a/b")
    assert not is_marked(note_of(PageOrigin(), "a/b"), "a/c")
    name = label_of("a/b")
    forged = f'{name}\n\n<ac:parameter ac:name="">{name}</ac:parameter>\n\n`{name}`'
    forged += f"\n\n<details>\n<summary>{name}</summary>\n\nx\n\n</details>"
    assert not is_marked(to_storage(forged), "a/b")
