import pytest

from mergewright.patching.indentation import IndentMap, tabs_meant


@pytest.mark.parametrize(
    ("pairs", "indent", "expected"),
    [
        ([("", "    ")], "    ", "        "),
        ([("    ", "")], "        ", "    "),
        ([("    ", "\t")], "        ", "\t\t"),
        ([("  ", "\t")], "     ", "\t\t "),
        ([("\t", "    ")], "\t\t", "        "),
        ([("", "\t"), ("    ", "\t\t")], "        ", "\t\t\t"),
        ([("    ", "    ")], "  ", "  "),
        ([("    ", "")], "  ", None),
    ],
)
def test_the_indentation_follows_from_the_lines_that_are_there(pairs, indent, expected):
    assert IndentMap.of(pairs).translate(indent) == expected


def test_a_map_that_no_rule_explains_is_not_plausible():
    assert IndentMap.of([("", "  "), ("  ", "    ")]).plausible
    assert not IndentMap.of([("\t\t", "\t\t"), ("", "\t")]).plausible
    assert not IndentMap.of([("  ", "  "), ("  ", "    ")]).consistent


def test_spaces_become_tabs_in_a_file_that_has_only_tabs():
    tabs = tabs_meant(["func f() {", "\tx()"], ["func g() {", "    y()", "        z()"])
    assert tabs is not None
    assert tabs.translate("        ") == "\t\t"
    assert tabs_meant(["a", "\tb", "  c"], ["    y"]) is None
    assert tabs_meant(["\tb"], ["\ty"]) is None
