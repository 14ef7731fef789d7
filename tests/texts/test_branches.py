import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.domain.ticket import TicketKind
from mergewright.errors import SettingInvalid
from mergewright.texts.branches import (
    DEFAULT_TEMPLATE,
    branch_name,
    free_branch_name,
    ref_problem,
)
from tests.texts.conftest import ticket_of


def git_takes(name: str) -> bool:
    command = ["git", "check-ref-format", "--branch", name]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("template", "kind", "name"),
    [
        ("", "bug", "fix/track-42-lost-parcels"),
        ("", "feature", "feature/track-42-lost-parcels"),
        ("", "task", "feature/track-42-lost-parcels"),
        (DEFAULT_TEMPLATE, "documentation", "docs/track-42-lost-parcels"),
        (
            "feature/{{ ticket.key|lower }}-{{ ticket.slug }}",
            "bug",
            "feature/track-42-lost-parcels",
        ),
        ("{{ ticket.kind }}/{{ ticket.key }}", "bug", "bug/TRACK-42"),
    ],
)
def test_templates_are_filled_in(template, kind, name):
    ticket = ticket_of(title="Lost parcels", kind=TicketKind(kind))
    assert branch_name(template, ticket) == name


@pytest.mark.parametrize(
    "template",
    [
        "main",
        "{{ ticket.slug }}",
        "{{ ticket.key }}.lock",
        "{{ ticket.key }}..x",
        "-{{ ticket.key }}",
        "/{{ ticket.key }}",
        "a b/{{ ticket.key }}",
        "{{ ticket.key }}/",
        "a/.b/{{ ticket.key }}",
        "{{ ticket.key }}@{1}",
        "{{ ticket.key }}\u202e",
        "{{ ticket.key }}~1",
        "refs/heads/{{ ticket.key }}",
        "{{ ticket.title }}-{{ ticket.key }}",
        "{{ nothing }}{{ ticket.key }}",
        "{{ ticket.key",
        "{% for x in range(9) %}{{ ticket.key }}{% endfor %}",
        "{{ 'a' * 1000 }}{{ ticket.key }}",
        "{{ ticket.__class__ }}{{ ticket.key }}",
        "{{ ticket.key.lower() }}",
        "{{ ticket.key|pprint }}",
        "{{ ticket.key|truncate('x') }}",
        "{{ ticket.key }}" + "x" * 200,
        "{{ ticket.key }}" * 12,
    ],
)
def test_other_templates_are_refused(template):
    with pytest.raises(SettingInvalid) as caught:
        branch_name(template, ticket_of(key="A" * 20 + "-1"))
    assert repr(template) in caught.value.message
    assert "{{ ticket.key|lower }}" in caught.value.hint


KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,31}-[0-9]{1,9}", fullmatch=True)
PARTS = st.sampled_from(
    ["{{ ticket.key }}", "{{ ticket.slug|upper }}", "{{ prefix }}", "HEAD", ".lock", "refs/", "//"]
) | st.sampled_from("/.-@{~ä \\x\x7f*")


@given(KEYS, st.text(min_size=1, max_size=60), st.sampled_from(TicketKind))
@settings(max_examples=30)
def test_the_default_template_is_always_a_branch_of_git(key, title, kind):
    ticket = ticket_of(key=key, title=title, kind=kind)
    assert git_takes(branch_name("", ticket))


@given(st.lists(PARTS, min_size=1, max_size=6).map("".join))
@settings(max_examples=60)
def test_a_template_gives_a_branch_of_git_or_is_refused(template):
    try:
        name = branch_name(f"{template}{{{{ ticket.key }}}}", ticket_of())
    except SettingInvalid:
        return
    assert git_takes(name)


@given(st.lists(PARTS, min_size=1, max_size=5).map("".join))
@settings(max_examples=200)
def test_no_name_is_taken_that_git_refuses(name):
    if not ref_problem(name):
        assert git_takes(name)


@pytest.mark.parametrize(
    ("workflow", "prefixes", "prefix"),
    [
        ("standard_dev", {}, "fix"),
        ("hotfix", {}, "hotfix"),
        ("release", {"release": "rel"}, "rel"),
        ("standard_dev", {"bug": "bugfix"}, "bugfix"),
        ("hotfix", {"bug": "bugfix"}, "hotfix"),
    ],
)
def test_the_prefix_follows_workflow_kind_and_policy(workflow, prefixes, prefix):
    name = branch_name("", ticket_of(title="Lost"), workflow=workflow, prefixes=prefixes)
    assert name == f"{prefix}/track-42-lost"


def test_the_base_is_a_part_of_the_name_where_the_template_asks_for_it():
    name = branch_name("{{ prefix }}/{{ base }}/{{ ticket.key }}", ticket_of(), base="release/1.2")
    assert name == "fix/release-1.2/TRACK-42"


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("fix/a", [], "fix/a"),
        ("fix/a", ["fix/b", "fix/ab"], "fix/a"),
        ("fix/a", ["FIX/A"], "fix/a-2"),
        ("fix/a", ["fix/a", "fix/a-2"], "fix/a-3"),
        ("fix/a", ["fix/a/b"], "fix/a-2"),
        ("fix/a", ["fix"], "fix-a"),
        ("fix/a", ["fix", "fix-a"], "fix-a-2"),
    ],
)
def test_a_name_that_is_taken_gets_a_number(name, taken, free):
    assert free_branch_name(name, taken) == free


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    place = tmp_path_factory.mktemp("branches")
    git(place, "init", "--quiet")
    git(place, "commit", "--quiet", "--allow-empty", "--message", "first")
    return place


PATHS = st.lists(st.sampled_from(["a", "b", "a-2", "a-b"]), min_size=1, max_size=3).map("/".join)


@given(PATHS, st.lists(PATHS, max_size=4))
@settings(max_examples=15, deadline=None)
def test_git_can_make_a_free_name_beside_the_others(repository, name, taken):
    free = free_branch_name(name, taken)
    assert git_takes(free)
    made = [other for other in taken if git(repository, "branch", other) == 0]
    assert git(repository, "branch", free) == 0, made
    git(repository, "branch", "--quiet", "--delete", "--force", free, *set(made))


def git(place, *words):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=x"]
    command = ["git", "-C", str(place), *identity, *words]
    return subprocess.run(command, check=False, capture_output=True).returncode
