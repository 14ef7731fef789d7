from threading import Thread
from time import sleep

from mergewright.cli.file_watch import changes_of


def test_a_change_is_told_once_it_is_quiet(tmp_path):
    file = tmp_path / "a"
    file.write_text("0")
    changes = changes_of(file, pause_seconds=0.05)
    next(changes)

    def write():
        for number in range(6):
            file.write_text("x" * (number + 2))
            sleep(0.02)
        file.unlink()
        sleep(0.2)
        file.write_text("the end")

    Thread(target=write).start()
    seen = []
    while not seen or seen[-1] != "the end":
        next(changes)
        seen.append(file.read_text())
    assert len(seen) <= 2
