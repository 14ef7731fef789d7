from mergewright.patching.likeness import Likeness


def test_likeness_is_between_none_and_the_same():
    likeness = Likeness()
    assert likeness.between("return total", "return total") == 1
    assert 0.5 < likeness.between("return total", "return totals") < 1
    assert likeness.between("return total", "xyz") == 0
    assert likeness.between("", "a") == 0
    assert likeness.between("x" * 1_000_000, "x" * 999_999 + "y") < 1
