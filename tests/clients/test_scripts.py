"""A script is told of its ticket, given nothing of ours, and ended when it does not end."""

from decimal import Decimal

import pytest

from mergewright.clients.bubblewrap import SYSTEM_PATH
from mergewright.clients.check_environment import Environment
from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.sandbox import Sandbox
from mergewright.clients.script_copies import make_copy
from mergewright.clients.scripts import Script, ScriptPlace, find_script
from mergewright.domain.checks import SandboxLevel
from mergewright.domain.ticket import Ticket
from mergewright.errors import SettingInvalid
from tests.clients.check_samples import needs_bwrap
from tests.clients.git_samples import git, make_clone

TICKET = Ticket(key="SHOP-7", title="A `title` $(with) 'signs'", description="What --else; it is.")


@pytest.fixture
def place(tmp_path):
    clone = make_clone(tmp_path / "clone")
    mirror = ensure_mirror(str(clone), tmp_path / "mirrors")
    commit = git(clone, "rev-parse", "main")
    copy = make_copy(mirror, commit=commit, branch="main", place=tmp_path / "script")
    environment = Environment(
        python="/usr/bin/python3", binds=(), variables={"PATH": SYSTEM_PATH}, summary=""
    )
    return ScriptPlace(tmp_path / "beside", copy, Sandbox(SandboxLevel.BUBBLEWRAP), environment)


def script_of(tmp_path, *lines, **means):
    path = tmp_path / "tools" / "old.sh"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)
    return Script(path=path, **{"time_limit_seconds": 60, **means})


@needs_bwrap
def test_a_script_is_told_the_ticket_by_argument_variables_and_files(place, tmp_path):
    script = script_of(
        tmp_path,
        'echo "$# $1 $MERGEWRIGHT_TICKET_KEY $MERGEWRIGHT_BASE"',
        'cat "$MERGEWRIGHT_TICKET_FILE"',
        'echo "====="',
        'cat "$MERGEWRIGHT_TICKET_JSON"',
    )
    told = place.run(script, TICKET, base="release/1.4").output
    first, _, rest = told.partition("\n")
    text, _, document = rest.partition("=====")
    assert first == "1 SHOP-7 SHOP-7 release/1.4"
    assert "What --else; it is." in text
    assert Ticket.model_validate_json(document) == TICKET


@needs_bwrap
def test_a_script_has_no_network_no_home_and_no_variable_but_those_named(
    place, tmp_path, monkeypatch
):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-ours-0123456789")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "beside").write_text("not asked for")
    script = script_of(
        tmp_path,
        "env | cut -d= -f1 | sort | tr '\\n' ' '",
        f"ls {tmp_path}/tools {tmp_path}",
        "ls -A $HOME",
        "cat /proc/net/route | wc -l",
        variables={"TEAM_TOKEN": "given-by-name-77"},
    )
    told = place.run(script, TICKET, base="main").output
    variables = set(told.splitlines()[0].split())
    assert "TEAM_TOKEN" in variables
    assert "ANTHROPIC_API_KEY" not in variables
    assert {name for name in variables if name.startswith("MERGEWRIGHT_")} == {
        "MERGEWRIGHT_TICKET_KEY", "MERGEWRIGHT_TICKET_FILE", "MERGEWRIGHT_TICKET_JSON",
        "MERGEWRIGHT_BASE", "MERGEWRIGHT_COST_FILE",
    }  # fmt: skip
    assert "beside\n" not in told.partition("tools:")[2].partition("\n\n")[0]
    assert "mirrors" not in told
    assert told.splitlines()[-1] == "1"


@needs_bwrap
def test_what_it_may_read_it_reads_and_does_not_write(place, tmp_path):
    module = tmp_path / "lib"
    module.mkdir()
    (module / "words").write_text("from the library")
    script = script_of(
        tmp_path, f"cat {module}/words; echo; echo x > {module}/words", may_read=(module,)
    )
    told = place.run(script, TICKET, base="main")
    assert told.output.startswith("from the library\n")
    assert (module / "words").read_text() == "from the library"


@needs_bwrap
def test_one_that_hangs_is_ended_and_one_that_floods_is_cut(place, tmp_path):
    hangs = script_of(tmp_path, "echo begun; sleep 60", time_limit_seconds=1)
    ended = place.run(hangs, TICKET, base="main")
    assert (ended.exit_code, ended.output) == (None, "begun")
    assert ended.stopped == "time limit of 1 s reached"
    floods = script_of(tmp_path, "yes floods | head -c 3000000; exit 4")
    ended = place.run(floods, TICKET, base="main")
    assert ended.exit_code == 4
    assert len(ended.output) < 10_000


@needs_bwrap
@pytest.mark.parametrize(
    ("line", "usd", "fault"),
    [
        ("true", None, ""),
        ('echo \'{"cost_usd": 0.42, "model": "x"}\' > $F', Decimal("0.42"), ""),
        ("echo 0.42 > $F", None, "it wrote no cost"),
        ("echo '{\"cost_usd\": -1}' > $F", None, "it wrote no cost"),
        ("echo '{\"cost_usd\": NaN}' > $F", None, "it wrote no cost"),
        ("ln -s /etc/hostname $F", None, "it wrote no cost"),
    ],
)
def test_what_a_script_says_that_it_cost_is_read_with_care(place, tmp_path, line, usd, fault):
    place.run(script_of(tmp_path, "F=$MERGEWRIGHT_COST_FILE", line), TICKET, base="main")
    cost = place.read_cost()
    assert cost.usd == usd
    assert cost.fault.startswith(fault)
    assert bool(cost.fault) == bool(fault)


def test_a_file_that_cannot_be_run_is_named_with_what_to_do(tmp_path):
    plain = tmp_path / "plain.sh"
    plain.write_text("#!/bin/sh\n")
    for name, told in (
        (tmp_path / "none.sh", "there is no such file"),
        (tmp_path, "it is no file"),
        (plain, "it is not executable"),
    ):
        with pytest.raises(SettingInvalid, match=told) as caught:
            find_script(str(name))
        assert repr(str(name)) in caught.value.message
        assert caught.value.hint
    plain.chmod(0o755)
    assert find_script(str(plain)) == plain
