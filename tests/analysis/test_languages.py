import pytest

from mergewright.analysis.languages import language_of


@pytest.mark.parametrize(
    ("path", "first_line", "name"),
    [
        ("src/a.py", "", "Python"),
        ("A.PY", "", "Python"),
        ("web/App.tsx", "", "TSX"),
        ("deploy/Dockerfile", "", "Dockerfile"),
        ("Gemfile", "", "Ruby"),
        ("build.gradle.kts", "", "Kotlin"),
        ("bin/tool", "#!/usr/bin/env python3", "Python"),
        ("bin/tool", "#!/usr/bin/env -S python3 -u", "Python"),
        ("bin/tool", "#! /bin/sh -e", "Shell"),
        ("bin/tool", "#!/usr/bin/python3.11", "Python"),
    ],
)
def test_names_and_first_lines_tell_the_language(path, first_line, name):
    language = language_of(path, first_line)
    assert language is not None
    assert language.name == name


@pytest.mark.parametrize(
    ("path", "first_line"), [("LICENSE", "MIT"), ("a.xyz", "#!/bin/sh"), ("tool", "#!/bin/awk")]
)
def test_other_files_have_none(path, first_line):
    assert language_of(path, first_line) is None
