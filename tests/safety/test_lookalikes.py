import pytest

from mergewright.safety.lookalikes import is_one_slip, lookalike_of, popular


@pytest.mark.parametrize(
    ("ecosystem", "name", "known"),
    [
        ("python", "reqeusts", "requests"),
        ("python", "requets", "requests"),
        ("python", "requestss", "requests"),
        ("python", "requests2", "requests"),
        ("python", "python-requests", "requests"),
        ("python", "djang0", "django"),
        ("python", "scikitlearn", "scikit-learn"),
        ("python", "nurnpy", "numpy"),
        ("node", "expres", "express"),
        ("node", "lodahs", "lodash"),
        ("rust", "serde-json", "serde_json"),
    ],
)
def test_names_nearly_like_well_known_ones_are_seen(ecosystem, name, known):
    assert lookalike_of(ecosystem, name) == known


@pytest.mark.parametrize(
    ("ecosystem", "name"),
    [
        ("python", "requests"),
        ("python", "Django"),
        ("python", "humanfriendly"),
        ("python", "sh"),
        ("node", "preact"),
        ("node", "vuex"),
        ("cobol", "requests"),
    ],
)
def test_other_names_are_not(ecosystem, name):
    assert lookalike_of(ecosystem, name) == ""


def test_no_well_known_package_looks_like_another():
    for ecosystem in ("python", "node", "rust", "go", "ruby", "java", "php"):
        assert all(lookalike_of(ecosystem, name) == "" for name in popular(ecosystem))


def test_one_slip():
    assert all(is_one_slip("abcd", other) for other in ("abc", "abcde", "abxd", "bacd", "acbd"))
    assert not any(is_one_slip("abcd", other) for other in ("dcba", "abxy", "ab"))
