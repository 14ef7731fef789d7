import pytest

from mergewright.analysis.blob_facts import decode_columns, decode_measures, encode
from mergewright.analysis.extraction import read_blob

ROW = encode(*read_blob("Python", b"import os\ndef f():\n    os.getcwd()\n    os.getcwd()\n"))


def test_what_is_stored_comes_back():
    columns = decode_columns(ROW)
    assert [each.name for each in columns.definitions()] == ["f"]
    assert [tuple(each) for each in columns.references()] == [("getcwd", 3), ("getcwd", 4)]
    assert decode_measures(ROW).references == 2


@pytest.mark.parametrize("row", [b"", ROW[:20], ROW[:-9]])
def test_a_damaged_row_is_recognised(row):
    with pytest.raises(ValueError, match="row"):
        decode_measures(row) and decode_columns(row)
