"""The tests next to a change."""

from mergewright.analysis.affected_tests import MAX_FILES, affected_tests

FILES = {
    "shop/prices.py": b"",
    "shop/__init__.py": b"",
    "tests/test_prices.py": b"",
    "tests/test_cart.py": b"from shop.prices import total",
    "tests/test_people.py": b"from shop import people  # appraises",
    "tests/test_new.py": b"",
    "tests/conftest.py": b"import prices",
}


def affected(*changed):
    return affected_tests(set(changed), FILES, FILES.__getitem__)


def test_tests_that_are_changed_come_before_those_that_name_what_is_changed():
    found = affected("tests/test_new.py", "shop/prices.py")
    assert found == ("tests/test_new.py", "tests/test_cart.py", "tests/test_prices.py")


def test_a_module_without_a_name_of_its_own_goes_by_its_folder():
    assert "tests/test_people.py" in affected("shop/__init__.py")


def test_a_change_that_no_test_names_affects_none():
    assert affected("docs/guide.md") == ()


def test_there_are_never_too_many():
    many = {f"tests/test_{number}.py": b"prices" for number in range(2 * MAX_FILES)}
    assert len(affected_tests({"prices.py"}, many, many.__getitem__)) == MAX_FILES


def test_imports_come_by_distance_before_history_and_names():
    imports = {
        "tests/test_people.py": ("shop/cart.py",),
        "shop/cart.py": ("shop/prices.py",),
        "tests/test_cart.py": ("shop/prices.py",),
        "shop/prices.py": ("shop/cart.py",),
    }
    found = affected_tests(
        {"shop/prices.py"},
        FILES,
        FILES.__getitem__,
        imports=imports,
        together={"tests/test_new.py": 2, "tests/test_prices.py": 5},
    )
    assert found == (
        "tests/test_cart.py",
        "tests/test_people.py",
        "tests/test_prices.py",
        "tests/test_new.py",
    )


def test_what_changed_together_once_is_chance():
    together = {"tests/test_new.py": 1}
    assert affected_tests({"docs/a.md"}, FILES, FILES.__getitem__, together=together) == ()
