"""A team's set-up on one machine: the image's entry script, run here, with the shipped settings."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
from tenacity import (
    Retrying,
    retry_if_exception_type,
    retry_if_result,
    stop_after_delay,
    wait_fixed,
)

from tests.deployments.postgres_process import free_port

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "deployments" / "docker"
AUTH = "mergewright:test-0123456789"
START_SECONDS = 240
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def shipped_settings():
    """Return the settings that compose gives every container."""
    lines = (DOCKER / "settings.env").read_text().splitlines()
    return dict(re.findall(r"^(\w+)=(.*)$", "\n".join(lines), re.MULTILINE))


class Team:
    """Server, services and worker as processes of the entry script, with secrets in files.

    Args:
        folder: For homes, secrets and logs.
        database: URL of a PostgreSQL.
        redis: Gives the URL of a numbered database.
    """

    def __init__(self, folder, database, redis):
        self.folder = folder
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.home = folder / "home"
        self.processes = {}
        secrets = folder / "secrets"
        secrets.mkdir()
        (secrets / "database-url").write_text(f"{database}\n")
        (secrets / "api-auth").write_text(f"{AUTH}\n")
        self.environment = {
            **shipped_settings(),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(
                part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part
            ),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PREFECT_HOME": str(folder / "prefect"),
            "MERGEWRIGHT_HOME": str(self.home),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL_FILE": str(secrets / "database-url"),
            "PREFECT_SERVER_API_AUTH_STRING_FILE": str(secrets / "api-auth"),
            "PREFECT_SERVER_DOCKET_URL": redis(0),
            "PREFECT_REDIS_MESSAGING_URL": redis(1),
            "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL": redis(1),
            "MERGEWRIGHT_EVENT_STORE": redis(2),
            "PREFECT_API_URL": self.api,
            "PREFECT_API_AUTH_STRING_FILE": str(secrets / "api-auth"),
            "PORT": str(self.port),
            "PREFECT_WORKER_WEBSERVER_PORT": str(free_port()),
        }

    def call(self, *words):
        """Run what a container runs, to its end."""
        return subprocess.run(
            ["/bin/sh", DOCKER / "entry.sh", *words], env=self.environment, cwd=self.folder,
            capture_output=True, text=True, timeout=START_SECONDS, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def start(self, *names):
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    ["/bin/sh", DOCKER / "entry.sh", name], env=self.environment, cwd=self.folder,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
            if name == "server":
                self._await_server()

    def _await_server(self):
        def look():
            assert self.processes["server"].poll() is None, self.log("server")
            self.ask("GET", "ready")

        Retrying(
            wait=wait_fixed(0.5),
            stop=stop_after_delay(START_SECONDS),
            retry=retry_if_exception_type(httpx.HTTPError),
            reraise=True,
        )(look)

    def stop(self, *names):
        for name in names or tuple(self.processes):
            process = self.processes.pop(name)
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def ask(self, method, path, body=None):
        user, _, password = AUTH.partition(":")
        answer = httpx.request(
            method, f"{self.api}/{path}", json=body, timeout=30, auth=(user, password)
        ).raise_for_status()
        return answer.json() if answer.content else None

    def run(self, deployment, parameters=None):
        """Begin a run of a deployment and return its id."""
        found = self.ask("GET", f"deployments/name/{deployment}")
        body = {"parameters": parameters or {}}
        return self.ask("POST", f"deployments/{found['id']}/create_flow_run", body)["id"]

    def runs_of(self, deployment, *, scheduled=False):
        found = self.ask("GET", f"deployments/name/{deployment}")
        body = {"deployments": {"id": {"any_": [found["id"]]}}}
        runs = self.ask("POST", "flow_runs/filter", body)
        return [one for one in runs if one["auto_scheduled"] is scheduled]

    def await_scheduled(self, deployment):
        """Wait until the scheduler has made the deployment's next runs."""
        Retrying(
            wait=wait_fixed(1),
            stop=stop_after_delay(START_SECONDS),
            retry=retry_if_result(lambda found: not found),
        )(lambda: self.runs_of(deployment, scheduled=True))

    def await_end(self, run_id):
        """Return a run's state once it has ended."""
        return self.await_state(run_id)

    def await_state(self, run_id, *names):
        """Return a run's state once it has ended, or is called one of these names."""
        return Retrying(
            wait=wait_fixed(1),
            stop=stop_after_delay(START_SECONDS),
            retry=retry_if_result(
                lambda state: state["name"] not in names and state["type"] not in ENDED
            ),
        )(lambda: self.ask("GET", f"flow_runs/{run_id}")["state"])

    def await_run_of(self, deployment):
        """Return the only run of a deployment that something else began, once it is there."""
        runs = Retrying(
            wait=wait_fixed(1),
            stop=stop_after_delay(START_SECONDS),
            retry=retry_if_result(lambda found: not found),
        )(lambda: self.runs_of(deployment))
        assert len(runs) == 1
        return runs[0]
