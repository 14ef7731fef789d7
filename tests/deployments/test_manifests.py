"""Image, compose and Kubernetes files: whatever they name is there, and their commands run."""

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import prefect
import pytest
from ruamel.yaml import YAML

from deployments.reading import FOLDER

ROOT = FOLDER.parent
DOCKER = FOLDER / "docker"
KUBERNETES = FOLDER / "kubernetes"
OF_OTHERS = ("postgres:", "redis:")


def documents(path):
    return [one for one in YAML(typ="safe").load_all(path.read_text()) if one]


@pytest.fixture(scope="module")
def compose():
    return documents(DOCKER / "compose.yaml")[0]


@pytest.fixture(scope="module")
def manifests():
    named = documents(KUBERNETES / "kustomization.yaml")[0]["resources"]
    assert set(named) == {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    return [one for name in named for one in documents(KUBERNETES / name)]


def settings_of(path):
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", path.read_text(), re.MULTILINE))


def commands_of_the_entry():
    return set(re.findall(r"^  ([a-z]+)\) exec", (DOCKER / "entry.sh").read_text(), re.MULTILINE))


def test_the_image_copies_what_is_there_and_runs_as_somebody():
    text = (DOCKER / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    sources = [source for line in copied for source in line.split()]
    ours = [source for source in sources if source != "requirements/team.lock"]
    assert len(ours) > 5
    assert [source for source in ours if not (ROOT / source).exists()] == []
    stages = text.split("\nFROM ")
    assert len(stages) == 3
    assert "USER 10001:10001" in stages[-1]
    assert "bubblewrap git" in stages[-1]
    from_files = re.findall(r"pip install .*-r .*", text)
    assert len(from_files) == 2
    assert all("--require-hashes" in line for line in from_files)
    assert not re.search(r"(KEY|TOKEN|PASSWORD|SECRET)\s*=", text)
    wheel = re.search(r"packages = \[(.+)\]", (ROOT / "pyproject.toml").read_text())[1]
    for package in re.findall(r'"(\w+)"', wheel):
        assert package in sources


def test_scripts_are_shell():
    for script in ("entry.sh", "secrets.sh"):
        subprocess.run(["sh", "-n", DOCKER / script], check=True)


def test_the_entry_takes_secrets_from_files_and_runs_what_it_is_told(tmp_path):
    (tmp_path / "key").write_text('se$cret `x` "q"\n')
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    show = ["python", "-c", "import os; print(dict(os.environ))"]
    done = subprocess.run(
        ["/bin/sh", DOCKER / "entry.sh", *show],
        env={**environment, "ANTHROPIC_API_KEY_FILE": str(tmp_path / "key")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "'ANTHROPIC_API_KEY': 'se$cret `x` \"q\"'" in done.stdout
    assert "KEY_FILE" not in done.stdout
    missing = {**environment, "ANTHROPIC_API_KEY_FILE": str(tmp_path / "no")}
    refused = subprocess.run(
        ["/bin/sh", DOCKER / "entry.sh", *show], env=missing, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert refused.returncode == 2
    assert "ANTHROPIC_API_KEY_FILE" in refused.stderr


@pytest.mark.journey
@pytest.mark.parametrize("command", sorted(commands_of_the_entry()))
def test_the_commands_of_the_entry_exist(command, tmp_path):
    done = subprocess.run(
        ["/bin/sh", DOCKER / "entry.sh", command, "--help"],
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT), "PREFECT_HOME": str(tmp_path),
        },
        capture_output=True, text=True, check=False, timeout=120, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sage" in done.stdout


def test_secrets_are_made_once(tmp_path):
    make = ["/bin/sh", str(DOCKER / "secrets.sh"), str(tmp_path / "secrets")]
    subprocess.run(make, check=True, capture_output=True)
    first = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run(make, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == first
    assert first["database-password"] in first["database-url"]
    assert len(first["database-password"]) == 48


def test_compose_names_only_what_is_there(compose):
    entry = commands_of_the_entry()
    services, secrets = compose["services"], compose["secrets"]
    made = subprocess.run(
        ["grep", "-oE", "^keep [a-z-]+", DOCKER / "secrets.sh"], capture_output=True, text=True,
        check=True,
    ).stdout.split()  # fmt: skip
    assert {Path(one["file"]).name for one in secrets.values()} == set(made[1::2])
    for name, one in services.items():
        assert set(one.get("secrets", ())) <= set(secrets), name
        assert set(one.get("depends_on", ())) <= set(services), name
        volumes = [volume.split(":")[0] for volume in one.get("volumes", ())]
        own = {volume for volume in volumes if not volume.startswith(".")}
        assert own <= set(compose["volumes"]), name
        assert all((DOCKER / volume).exists() for volume in volumes if volume.startswith(".")), name
        assert set(one["networks"]) <= set(compose["networks"])
        if not one["image"].startswith(OF_OTHERS):
            assert one["command"][0] in entry
            assert one["read_only"] is True
            assert one["user"] == "10001:10001"
            assert one["cap_drop"] == ["ALL"]
            assert all((DOCKER / file).is_file() for file in one["env_file"])
    waited_for = {
        needed
        for one in services.values()
        for needed, how in one.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    assert all("healthcheck" in services[name] for name in waited_for)
    assert {"database", "redis", "event-log", "server", "worker"} <= {
        name for name, one in services.items() if "healthcheck" in one
    }


def test_the_event_logs_redis_keeps_what_it_has_acknowledged(compose, manifests):
    conf = dict(
        line.split(" ", 1)
        for line in (DOCKER / "redis.conf").read_text().splitlines()
        if line[:1].islower()
    )
    wanted = {
        "appendonly": "yes", "appendfsync": "always", "no-appendfsync-on-rewrite": "no",
        "maxmemory-policy": "noeviction",
    }  # fmt: skip
    assert wanted.items() <= conf.items()
    assert "./redis.conf:/etc/redis.conf:ro" in compose["services"]["event-log"]["volumes"]
    (log,) = [
        one for one in manifests
        if one["kind"] == "StatefulSet" and one["metadata"]["name"] == "event-log"
    ]  # fmt: skip
    words = log["spec"]["template"]["spec"]["containers"][0]["args"]
    given = dict(zip(words[1::2], words[2::2], strict=True))
    assert {f"--{name}": value for name, value in wanted.items()}.items() <= given.items()


def test_settings_are_the_same_in_compose_and_kubernetes_and_prefect_knows_them(compose):
    shipped = settings_of(DOCKER / "settings.env")
    cluster = settings_of(KUBERNETES / "settings.env")
    assert shipped.items() <= cluster.items()
    known = prefect.settings.get_current_settings().model_dump()

    def has(name):
        node = known
        words = name.removeprefix("PREFECT_").lower().split("_")
        while words:
            for size in range(len(words), 0, -1):
                part = "_".join(words[:size])
                if isinstance(node, dict) and part in node:
                    node, words = node[part], words[size:]
                    break
            else:
                return False
        return True

    names = {
        name.removesuffix("_FILE")
        for name in cluster
        if name.startswith("PREFECT_") and not name.startswith("PREFECT_REDIS_")
    }
    assert {name for name in names if not has(name)} == set()
    if find_spec("prefect_redis"):
        modules = {value for value in shipped.values() if value.startswith("prefect_redis.")}
        assert len(modules) == 4
        assert [module for module in modules if find_spec(module) is None] == []


def pods(manifests):
    for one in manifests:
        if one["kind"] in {"Deployment", "StatefulSet", "Job"}:
            yield one, one["spec"]["template"]["spec"]


def test_pods_are_careful(manifests):
    accounts = {one["metadata"]["name"] for one in manifests if one["kind"] == "ServiceAccount"}
    for one, pod in pods(manifests):
        name = one["metadata"]["name"]
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["automountServiceAccountToken"] is False, name
        assert pod.get("serviceAccountName", "mergewright") in accounts
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name
    unconfined = [
        one["metadata"]["name"]
        for one, pod in pods(manifests)
        if pod["securityContext"]["seccompProfile"]["type"] != "RuntimeDefault"
    ]
    assert unconfined == ["worker"]


def test_what_pods_name_is_there(manifests):
    claims = {
        one["metadata"]["name"] for one in manifests if one["kind"] == "PersistentVolumeClaim"
    }
    entry = commands_of_the_entry()
    for one, pod in pods(manifests):
        name, made = one["metadata"]["name"], one["spec"].get("volumeClaimTemplates", ())
        volumes = {volume["name"] for volume in pod.get("volumes", ())}
        volumes |= {claim["metadata"]["name"] for claim in made}
        claimed = [volume.get("persistentVolumeClaim") for volume in pod.get("volumes", ())]
        assert {claim["claimName"] for claim in claimed if claim} <= claims
        if one["kind"] != "Job":
            labels = one["spec"]["template"]["metadata"]["labels"]
            assert one["spec"]["selector"]["matchLabels"] == labels
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes, name
            assert container["image"] != "mergewright" or container["args"][0] in entry
            assert probed(container) <= {port["name"] for port in container.get("ports", ())}


def probed(container):
    probes = ("startupProbe", "readinessProbe", "livenessProbe")
    asked = [container.get(probe, {}).get("httpGet") for probe in probes]
    return {one["port"] for one in asked if one}


def test_services_find_their_pods(manifests):
    labels = [one["spec"]["template"]["metadata"]["labels"]["app"] for one, _ in pods(manifests)]
    services = [one for one in manifests if one["kind"] == "Service"]
    assert {one["spec"]["selector"]["app"] for one in services} <= set(labels)
    hosts = set(
        re.findall(r"(?:http|redis)://([a-z-]+):", (KUBERNETES / "settings.env").read_text())
    )
    assert hosts == {one["metadata"]["name"] for one in services} - {"database"}


def test_kustomize_builds_it():
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl")
    done = subprocess.run(
        ["kubectl", "kustomize", KUBERNETES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    built = [one for one in YAML(typ="safe").load_all(done.stdout) if one]
    images = set(re.findall(r"image: (\S+)", done.stdout))
    assert images == {"mergewright:latest", "postgres:16-bookworm", "redis:7-bookworm"}
    assert {one["metadata"].get("namespace", "mergewright") for one in built} == {"mergewright"}


@pytest.mark.parametrize("kind", ["process", "docker", "kubernetes"])
def test_base_jobs_have_prefects_own_variables_and_no_other(kind):
    views = Path(prefect.__file__).parent / "server/api/collections_data/views"
    metadata = json.loads((views / "aggregate-worker-metadata.json").read_text())
    package = {"process": "prefect"}.get(kind, f"prefect-{kind}")
    theirs = metadata[package][kind]["default_base_job_configuration"]
    ours = json.loads((FOLDER / "pools" / f"{kind}.json").read_text())
    assert set(ours["variables"]["properties"]) == set(theirs["variables"]["properties"])
    used = set(re.findall(r"\{\{ (\w+) \}\}", json.dumps(ours["job_configuration"])))
    assert used == set(re.findall(r"\{\{ (\w+) \}\}", json.dumps(theirs["job_configuration"])))
