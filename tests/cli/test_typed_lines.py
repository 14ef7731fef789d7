from mergewright.cli.typed_lines import SHOWN, completions, shown_choices


def test_a_beginning_is_completed_whatever_its_case():
    assert completions(("SHOP-1", "SHOP-12", "TODO-1"), "shop") == ["SHOP-1", "SHOP-12"]
    assert completions(("SHOP-1",), "x") == []


def test_as_many_choices_are_shown_as_fit():
    known = [f"SHOP-{number} \x1b[2Jtitle" for number in range(SHOWN + 3)]
    lines = shown_choices(known)
    assert lines[0] == "SHOP-0 [2Jtitle"
    assert lines[-1] == "… and 3 more"
    assert len(lines) == SHOWN + 1
    assert shown_choices(["", "main"]) == ["main"]
