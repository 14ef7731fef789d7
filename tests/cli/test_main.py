import json
import re
import subprocess
import sys

import pytest

from mergewright.cli.main import app, main

HEAVY = ("prefect", "langchain", "langchain_core", "anthropic", "fastapi", "git")
NOT_FOR_HELP = (*HEAVY, "pydantic", "httpx", "jinja2", "asyncio", "mergewright.domain")
"""With any of these, `--help` takes longer than the 0.3 seconds that it may take."""


@pytest.mark.journey
@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (("--help",), NOT_FOR_HELP),
        (("--version",), NOT_FOR_HELP),
        (("runs",), HEAVY),
        (("show",), HEAVY),
        (("costs",), HEAVY),
        (("audit", "verify", "last"), HEAVY),
        (("resume", "last"), HEAVY),
        (("services",), HEAVY),
    ],
)
def test_light_commands_import_nothing_heavy(environment, tmp_path, words, unwanted):
    program = (
        "import sys; from mergewright.cli.main import main\n"
        f"main({list(words)!r})\n"
        f"sys.exit(','.join(name for name in {unwanted!r} if name in sys.modules) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.journey
def test_help_names_every_command(process):
    done = process("--help")
    assert done.returncode == 0
    for command in (name for name in app if not name.startswith("-")):
        assert re.search(rf"^│ {command} ", done.stdout, re.MULTILINE)
    assert process().stdout == done.stdout


@pytest.mark.parametrize(
    ("words", "taught"),
    [
        (("undo",), "the exit code is then 3"),
        (("close",), "A run that still works is refused."),
        (("tickets", "new"), "It is a run of its own"),
        (("audit", "verify"), "exit 5 where one was"),
    ],
)
def test_the_help_of_a_command_is_more_than_its_line_in_the_list(capsys, words, taught):
    assert main([*words, "--help"]) == 0
    assert taught in " ".join(capsys.readouterr().out.split())


@pytest.mark.journey
def test_the_version_is_told(process):
    assert re.fullmatch(r"mergewright \S.*\n", process("--version").stdout)


def test_help_of_the_main_job_has_options_and_examples(capsys):
    assert main(["run", "standard-dev", "--help"]) == 0
    text = capsys.readouterr().out
    for option in (
        "--repo",
        "--base",
        "--profile",
        "--budget-usd",
        "--approve",
        "--model",
        "--max-repair-rounds",
        "--dry-run",
        "--fresh",
        "--accept-drift",
        "--json",
    ):
        assert option in text
    assert "mergewright run standard-dev TALLY-7.md --repo ~/src/tally" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nope",), 'Unknown command "nope"'),
        (("runs", "--limt", "3"), "--limt"),
        (("runs", "--limit", "three"), '"three"'),
        (("run", "standard-dev"), "TICKET requires an argument"),
        (("run", "hotfix"), "TICKET requires an argument"),
        (("run", "documentation"), "--repo requires an argument"),
        (("run", "standard-dev", "x", "--repo", ".", "--budget-usd", "-1"), "--budget-usd -1"),
        (("run", "standard-dev", "x", "--repo", ".", "--approve", "all"), "--approve 'all'"),
    ],
)
def test_bad_usage_names_the_input_and_exits_2(capsys, words, message):
    assert main(words) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert "hint: " in told.err
    assert told.out == ""


@pytest.mark.journey
def test_errors_under_json_are_json_too(process):
    done = process("show", "nope", "--json")
    error = json.loads(done.stdout)["error"]
    assert (error["type"], error["exit_code"], done.returncode) == ("NotFound", 8, 8)
    assert error["hint"]
    assert done.stderr.startswith("error: ")


@pytest.mark.journey
def test_a_bad_setting_is_named_without_its_value(process):
    done = process("runs", MERGEWRIGHT_DAILY_CAP_USD="sk-secret")
    assert done.returncode == 2
    assert "MERGEWRIGHT_DAILY_CAP_USD" in done.stderr
    assert "sk-secret" not in done.stderr


@pytest.mark.journey
def test_a_log_that_cannot_be_opened_exits_5(process, home):
    (home / "events.db").write_text("this is no database, and long enough to be taken for one" * 99)
    done = process("runs")
    assert done.returncode == 5
    assert "events.db" in done.stderr


@pytest.mark.journey
def test_a_reader_that_goes_away_is_no_fault(environment, tmp_path):
    pipe = subprocess.Popen(
        [sys.executable, "-m", "mergewright.cli.main", "run", "standard-dev", "--help"],
        env={**environment, "PYTHONUNBUFFERED": "1"},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    pipe.stdout.close()
    assert pipe.stderr.read() == b""
    assert pipe.wait(60) == 141
    pipe.stderr.close()


@pytest.mark.journey
def test_a_fault_is_short_and_its_traceback_is_kept(environment, home, tmp_path):
    program = (
        "import sys; from mergewright.cli import main as door\n"
        "def burst(): raise RuntimeError('burst with sk-ant-api03-' + 'a' * 90)\n"
        "door.app.command(burst, name='burst')\n"
        "sys.exit(door.main(['burst', *sys.argv[1:]]))"
    )

    def run(**variables):
        return subprocess.run(
            [sys.executable, "-c", program],
            env={**environment, **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    done = run()
    assert done.returncode == 70
    assert done.stderr.startswith("Mergewright failed: RuntimeError: burst")
    assert "Traceback" not in done.stderr
    (kept,) = (home / "logs").iterdir()
    assert str(kept) in done.stderr
    assert "in burst" in kept.read_text()
    assert "aaaaaaaaaa" not in kept.read_text()
    assert "aaaaaaaaaa" not in done.stderr
    nowhere = run(MERGEWRIGHT_HOME="/proc/nowhere")
    assert nowhere.returncode == 70
    assert "Traceback" in nowhere.stderr
