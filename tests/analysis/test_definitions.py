"""What a file defined and defines no more."""

from mergewright.analysis.blob_facts import Columns
from mergewright.analysis.definitions import lost_definitions
from mergewright.analysis.extraction import read_blob

BEFORE = b"""LIMIT = 3


class Shop:
    def price(self):
        return 1

    def tax(self):
        return 2


def total():
    return 3
"""


def lost(path, before, after):
    return lost_definitions(path, before, after, lambda *blob: read_blob(*blob)[1] or Columns())


def test_what_is_renamed_or_removed_is_named_with_what_is_around_it():
    after = BEFORE.replace(b"def tax", b"def duty").replace(b"def total", b"def total_of")
    assert lost("shop.py", BEFORE, after) == ("Shop.tax", "total")


def test_a_body_that_changes_and_a_value_that_goes_lose_nothing():
    after = BEFORE.replace(b"LIMIT = 3\n", b"").replace(b"return 2", b"return 5")
    assert lost("shop.py", BEFORE, after) == ()


def test_a_file_that_no_grammar_reads_defines_nothing():
    assert lost("notes.txt", b"def a(): ...", b"") == ()
