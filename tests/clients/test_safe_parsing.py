"""What is asked of parsers is asked of one child, from any thread."""

from concurrent.futures import ThreadPoolExecutor

from mergewright.clients.safe_parsing import find_faults, read_cases, read_definitions


def test_many_threads_have_their_own_answers():
    broken = [f"def f_{number}(:\n" for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(find_faults, [f"{number}.py" for number in range(20)], broken))
    assert [fault.path for (fault,) in found] == [f"{number}.py" for number in range(20)]


def test_definitions_are_read_and_what_no_grammar_reads_has_none():
    assert list(read_definitions("Python", b"def f(): ...\n").names) == ["f"]
    assert list(read_definitions("", b"def f(): ...\n").names) == []


def test_tests_are_read_and_a_file_that_holds_a_parser_up_is_unreadable():
    (case,) = read_cases("test_a.py", b"def test_a():\n    assert f() == 1\n").cases
    assert (case.name, len(case.assertions)) == ("test_a", 1)
    assert not read_cases("test_a.py", b"x = " + b"-" * 300_000 + b"1\n").is_readable
