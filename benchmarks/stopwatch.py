"""Wall time and processor time of one piece of work."""

import gc
import time
from collections.abc import Sequence
from typing import Self

import psutil


class Stopwatch:
    """Measures what happens inside `with`.

    Args:
        servers: Processes that work for whoever is measured.
    """

    def __init__(self, servers: Sequence[psutil.Process] = ()) -> None:
        self.wall_seconds = 0.0
        self.cpu_seconds = 0.0
        """Of this process, all its threads."""
        self.server_cpu_seconds = 0.0
        self._servers = servers
        self._begun = (0.0, 0.0, 0.0)

    def __enter__(self) -> Self:
        gc.collect()
        self._begun = (_cpu_of(self._servers), time.process_time(), time.perf_counter())
        return self

    def __exit__(self, *_: object) -> None:
        servers, cpu, wall = self._begun
        self.wall_seconds = time.perf_counter() - wall
        self.cpu_seconds = time.process_time() - cpu
        self.server_cpu_seconds = _cpu_of(self._servers) - servers


def _cpu_of(processes: Sequence[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(float(each.user + each.system) for each in times)
