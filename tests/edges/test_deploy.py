"""What deploy/, compose.yaml and the pages tell the product is what it takes."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker import app, settings
from worker.cli.main import app as commands
from worker.health import DEFAULT_PORT
from worker.settings import CONFIG, FOR_TESTS, Settings, is_secret, variable

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SYSTEMD = DEPLOY / "systemd"
WRITTEN = re.compile(r"PTM_[A-Z0-9]+(?:_[A-Z0-9]+)*(?![A-Z0-9_…])")
OF_SETTINGS = {variable(name) for name in Settings.model_fields}
OF_FILES = {f"{variable(name)}_FILE" for name, field in Settings.model_fields.items() if is_secret(field)}
OF_COMPOSE = {"PTM_OWNER_PASSWORD", "PTM_WORKER_PASSWORD"}
"""Not for the product: sql/roles.sql reads them."""
AN_EXAMPLE = {"PTM_X_FILE"}


def texts() -> list[Path]:
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    return [*files, ROOT / "compose.yaml", ROOT / "Dockerfile", ROOT / "README.md", *(ROOT / "docs").glob("*.md")]


def test_every_variable_that_is_named_is_a_setting() -> None:
    known = OF_SETTINGS | OF_FILES | OF_COMPOSE | AN_EXAMPLE | {CONFIG}
    unknown = {
        (str(path.relative_to(ROOT)), name)
        for path in texts()
        for name in WRITTEN.findall(path.read_text(encoding="utf-8"))
        if name not in known and not name.startswith(FOR_TESTS)
    }
    assert not unknown


def taken(environ: dict[str, str], directory: Path) -> Settings:
    """The settings of *environ*, whose files are made here."""
    for name in environ:
        if name in OF_FILES:
            file = directory / name
            file.write_text("postgresql://a:b@c/d" if "DATABASE" in name else "x" * 64, encoding="utf-8")
            environ = environ | {name: str(file)}
    return settings.load(environ)


# systemd


def lines(path: Path) -> list[tuple[str, str]]:
    text = path.read_text(encoding="utf-8")
    return [(name, value) for name, _, value in (line.partition("=") for line in text.splitlines()) if value]


def told(path: Path) -> dict[str, str]:
    return dict(value.split("=", 1) for name, value in lines(path) if name == "Environment")


UNITS = sorted([*SYSTEMD.glob("*.service"), *SYSTEMD.glob("embedded-*.conf")])


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_names_each_secret_that_it_is_handed_and_no_other(unit: Path, tmp_path: Path) -> None:
    handed = [value.split(":") for name, value in lines(unit) if name == "LoadCredential"]
    assert all(source == f"/etc/ptm/secrets/{name}" for name, source in handed)
    variables = told(unit)
    files = {name: value for name, value in variables.items() if name in OF_FILES}
    assert files == {f"PTM_{name.upper()}_FILE": f"%d/{name}" for name, _ in handed}
    common = dict(line.split("=", 1) for line in env_file())
    assert taken(common | variables, tmp_path).health_port == DEFAULT_PORT


def env_file() -> Iterator[str]:
    for line in (SYSTEMD / "ptm.env").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            assert shlex.split(line) == [line], "systemd and the shell read it alike"
            yield line


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_there_is(unit: Path) -> None:
    known = {command.name or command.callback.__name__ for command in commands.registered_commands if command.callback}
    for _, value in (each for each in lines(unit) if each[0] == "ExecStart"):
        program, command = value.split()[:2]
        assert (program, command in known | {"tui"}) == ("/opt/ptm/bin/ptm", True)


def test_who_stops_a_worker_waits_until_it_has_drained() -> None:
    waits = [
        int(value)
        for path in (SYSTEMD / "ptm-.service.d").iterdir()
        for name, value in lines(path)
        if name == "TimeoutStopSec"
    ]
    waits += [int(value) for path in UNITS for name, value in lines(path) if name == "TimeoutStopSec"]
    waits += [pods()["Deployment"]["terminationGracePeriodSeconds"]]
    waits += [int(composed(path)["stop_grace_period"].removesuffix("s")) for path in COMPOSED]
    assert min(waits) >= app.GONE + 3


def test_who_installs_again_from_a_clone_that_was_pulled_gets_the_new_release() -> None:
    """uv goes by the version and the project file: with neither changed it keeps what is installed, without a word."""
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    name = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    [install] = re.findall(r"^UV_PROJECT_ENVIRONMENT=[^\\\n]*(?:\\\n.*)*$", page, re.MULTILINE)
    assert {"--no-editable", "--reinstall-package", name} <= set(shlex.split(install))


# Compose

COMPOSED = {ROOT / "compose.yaml": "worker-1", DEPLOY / "one" / "compose.yaml": "ptm"}
GIVEN = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
"""${NAME:-default} or ${NAME:?complaint}"""


def composed(path: Path) -> dict[str, Any]:
    """The service in which the worker runs."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["services"][COMPOSED[path]]
    return found


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.parent.name)
def test_what_compose_tells_is_taken(path: Path, tmp_path: Path) -> None:
    service = composed(path)
    environ = {
        name: GIVEN.sub(lambda given: given[3] if given[2] == "-" else "x", value)
        for name, value in service["environment"].items()
    }
    read = taken(environ, tmp_path)
    assert (read.callback_listens_on, read.health_port) == (8930, DEFAULT_PORT)
    mounted = {f"/run/secrets/{name}" for name in service.get("secrets", [])}
    assert {value for name, value in environ.items() if name in OF_FILES} == mounted


# Kubernetes


def objects() -> dict[str, Any]:
    text = (DEPLOY / "kubernetes" / "ptm.yaml").read_text(encoding="utf-8")
    return {each["kind"]: each for each in yaml.safe_load_all(text)}


def pods() -> dict[str, Any]:
    """The pod of each kind that makes some."""
    found = objects()
    return {kind: found[kind]["spec"]["template"]["spec"] for kind in ("Job", "Deployment")}


def test_the_config_map_is_taken(tmp_path: Path) -> None:
    read = taken(objects()["ConfigMap"]["data"], tmp_path)
    assert (read.health_host, read.kafka_security_protocol) == ("0.0.0.0", "SASL_SSL")


@pytest.mark.parametrize("kind", ["Job", "Deployment"])
def test_a_pod_reads_its_secrets_where_they_are_mounted_and_is_told_nothing_else(kind: str) -> None:
    pod = pods()[kind]
    [container] = pod["containers"]
    variables = {each["name"]: each["value"] for each in container.get("env", [])}
    if "envFrom" in container:
        variables |= objects()["ConfigMap"]["data"]
    [mount] = [each for each in container["volumeMounts"] if each["name"] == "secrets"]
    assert all(value.startswith(f"{mount['mountPath']}/") for name, value in variables.items() if name in OF_FILES)
    assert not variables.keys() & {variable(name) for name, field in Settings.model_fields.items() if is_secret(field)}
    assert pod["enableServiceLinks"] is False, "PTM_CALLBACK_PORT=tcp://… is no setting"


def test_the_workers_ports_probes_and_selectors_fit() -> None:
    found, [container] = objects(), pods()["Deployment"]["containers"]
    data, ports = found["ConfigMap"]["data"], {each["name"]: each["containerPort"] for each in container["ports"]}
    assert ports == {"health": int(data["PTM_HEALTH_PORT"]), "callback": int(data["PTM_CALLBACK_PORT"])}
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert {name: each["path"] for name, each in probes.items()} == {
        "startup": "/healthz",
        "liveness": "/healthz",
        "readiness": "/readyz",
    }
    assert all(each["port"] == "health" for each in probes.values())
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert found["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert found["Service"]["spec"]["selector"] == labels
    assert found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    open_ports = {each["port"] for each in found["NetworkPolicy"]["spec"]["ingress"][0]["ports"]}
    assert open_ports == set(ports.values())


def test_the_image_has_the_user_that_the_pods_run_as() -> None:
    [uid] = re.findall(r"useradd .*--uid (\d+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert {pod["securityContext"]["runAsUser"] for pod in pods().values()} == {int(uid)}
