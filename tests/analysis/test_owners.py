"""Every example of GitHub's "About code owners", and what it says does not work."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.analysis.owners import owners_of, read_owners

DOCUMENTED = """\
# This is a comment.
*       @global-owner1 @global-owner2

*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
"""
FLAT = "*.md @writers\ndocs/* @flat\n"
NOBODY = "/apps/ @octocat\n/apps/github\n"
OTHER = "/apps/ @octocat\n/apps/github @doctocat\n"


@pytest.mark.parametrize(
    ("text", "path", "owners"),
    [
        (DOCUMENTED, "src/deep/file.rb", ("@global-owner1", "@global-owner2")),
        (DOCUMENTED, "src/app.js", ("@js-owner",)),
        (DOCUMENTED, "cmd/main.go", ("docs@example.com",)),
        (DOCUMENTED, "notes/a.txt", ("@octo-org/octocats",)),
        (DOCUMENTED, "build/logs/x/y.bin", ("@octocat",)),
        (DOCUMENTED.replace("**/logs @octocat\n", ""), "build/logs/x/y.bin", ("@doctocat",)),
        (DOCUMENTED.replace("**/logs @octocat\n", ""), "a/build/logs/y.rb", ("@global-owner1", "@global-owner2")),
        (FLAT, "docs/getting-started.md", ("@flat",)),
        (FLAT, "docs/build-app/troubleshooting.md", ("@writers",)),
        (DOCUMENTED, "x/apps/y/z.py", ("@octocat",)),
        (DOCUMENTED, "apps", ("@global-owner1", "@global-owner2")),
        (DOCUMENTED, "docs/build-app/a.js", ("@doctocat",)),
        (DOCUMENTED, "scripts/a.sh", ("@doctocat", "@octocat")),
        (DOCUMENTED, "deeply/nested/logs/a.log", ("@octocat",)),
        (NOBODY, "apps/a.py", ("@octocat",)),
        (NOBODY, "apps/github/a.py", ()),
        (OTHER, "apps/github/a.py", ("@doctocat",)),
        ("*.py @a\n*.py @b\n", "x.py", ("@b",)),
        ("/src/*.py @a\n", "src/x/y.py", ()),
        ("src/**/x.py @a\n", "src/x.py", ("@a",)),
        ("src/**/x.py @a\n", "src/1/2/x.py", ("@a",)),
        ("/Docs/ @a\n", "docs/x.md", ()),
        ("with\\ space/ @a\n", "with space/x", ("@a",)),
        ("a?.py @a\n", "deep/ab.py", ("@a",)),
    ],
)  # fmt: skip
def test_the_last_rule_that_matches_counts(text, path, owners):
    assert owners_of(path, read_owners(text)) == owners


@pytest.mark.parametrize(
    "line",
    ["!docs/ @a", "\\#x @a", "src/[ab].py @a", "*.py a b", "*.py @a/b/c", "# *.py @a", "/", ""],
)
def test_lines_that_github_does_not_take_are_skipped(line):
    assert read_owners(f"{line}\n") == ()


def test_a_hostile_pattern_costs_little():
    rules = read_owners("/".join(["**"] * 60 + ["*a*a*a*a*a*a*b"]) + " @a\n")
    assert owners_of("/".join(["a" * 200] * 60), rules) == ()


NAMES = st.sampled_from(["a", "b", "ab", "x.py", "y.py", "logs"])
PATTERNS = st.tuples(
    st.sampled_from(["", "/", "**/"]),
    st.lists(st.sampled_from(["a", "b", "a*", "*.py", "**", "x.py"]), min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
).map(lambda parts: parts[0] + "/".join(parts[1]) + parts[2])


@settings(deadline=None)
@given(PATTERNS, st.lists(NAMES, min_size=1, max_size=4).map("/".join))
def test_patterns_mean_what_they_mean_to_git(pattern, path):
    """But for a last `*` alone, which GitHub takes for the files of that folder only."""
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "--quiet", path],
        cwd=ignoring(pattern),
        check=False,
    )
    assert (owners_of(path, read_owners(f"{pattern} @a\n")) == ("@a",)) is (done.returncode == 0)


@pytest.fixture(autouse=True, scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ignoring")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    PLACES.append(folder)


PLACES = []


def ignoring(pattern):
    (PLACES[-1] / ".gitignore").write_text(f"{pattern}\n")
    return PLACES[-1]
