import pytest

from mergewright.domain.quoted_paths import without_quotes


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b.py", "a/b.py"),
        ("", ""),
        ('"', '"'),
        ('""', ""),
        (r'"a\tb\"c\\d"', 'a\tb"c\\d'),
        (r'"caf\303\251.py"', "café.py"),
        (r'"ü\303\251"', "üé"),
        (r'"\351.py"', "\N{REPLACEMENT CHARACTER}.py"),
        (r"a\tb", r"a\tb"),
        ('"half \ud800"', "half ?"),
    ],
)
def test_names_are_as_they_are_without_gits_quotes(name, path):
    assert without_quotes(name) == path
