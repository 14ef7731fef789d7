import sys
from io import StringIO

from rich.console import Console

from mergewright.cli.screen import Screen
from tests.cli.terminal import STEERING


def test_what_others_print_appears_above_the_picture(capsys):
    file = StringIO()
    screen = Screen(Console(file=file, force_terminal=True, width=40))
    streams = sys.stdout, sys.stderr
    screen.draw("first\npicture")
    # a console of Rich's looks through Rich's own proxies
    Console(file=sys.stderr).print("a note")
    sys.stdout.write("a print\n")
    sys.stdout.write("an open end")
    screen.draw("second\npicture")
    screen.leave()
    assert (sys.stdout, sys.stderr) == streams
    assert capsys.readouterr() == ("", "")
    drawn = [text for text in STEERING.sub("\n", file.getvalue()).splitlines() if text.strip()]
    assert drawn.index("a note") < drawn.index("a print") < drawn.index("an open end")
    for note in ("a note", "a print", "an open end"):
        assert drawn[drawn.index(note) + 1].strip() in {"first", "second"}
    assert drawn[-1].strip() == "picture"


def test_a_picture_can_be_left_and_drawn_again():
    file = StringIO()
    screen = Screen(Console(file=file, force_terminal=True, width=40))
    screen.leave()
    screen.draw("first")
    screen.leave()
    screen.draw("second")
    screen.leave()
    assert file.getvalue().count("\x1b[?25l") == file.getvalue().count("\x1b[?25h") == 2
