"""The alerts and the dashboard ask only for what a worker really shows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from eventually import eventually
from servers.postgres import Database
from stage import ROOT, Stage, staged
from worker.health import DEFAULT_PORT
from worker.operations import lifecycle
from worker.operations.vitals import Limits

pytestmark = pytest.mark.acceptance

PROMETHEUS, GRAFANA = ROOT / "deploy" / "prometheus", ROOT / "deploy" / "grafana"
OF_PROMETHEUS = {"up": {"job": {"ptm"}, "instance": set[str]()}}
"""What Prometheus says itself, and the labels that it adds to everything."""
SERIES = re.compile(r"\b(ptm_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)="([^"]*)"')
GROUPED = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)")
WRITTEN = re.compile(r"\{\{\s*(?:\$labels\.)?([a-z]\w*)\s*\}\}")

Shown = dict[str, dict[str, set[str]]]
"""Name → label → its values."""


def rules() -> list[dict[str, object]]:
    [group] = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    found: list[dict[str, object]] = group["rules"]
    return found


def asked() -> Iterator[tuple[str, str]]:
    """Each expression, and the text that names its labels."""
    for rule in rules():
        yield str(rule["expr"]), str(rule["annotations"])
    for panel in json.loads((GRAFANA / "dashboard.json").read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            yield target["expr"], target["legendFormat"]


def shown(page: str) -> Shown:
    found: Shown = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)
    return found


def unknown(expression: str, text: str, known: Shown) -> Iterator[str]:
    """What *expression* and *text* ask for that is not there."""
    labels = {"job", "instance"}
    for name, matchers in SERIES.findall(expression):
        if name not in known:
            yield name
        labels |= known.get(name, {}).keys()
        for label, value in MATCHER.findall(matchers):
            if value not in known.get(name, {}).get(label, ()):
                yield f'{name}{{{label}="{value}"}}'
    grouped = [each.strip() for group in GROUPED.findall(expression) for each in group.split(",")]
    yield from (label for label in (*grouped, *WRITTEN.findall(text)) if label not in labels)


async def with_everything(stage: Stage) -> str:
    """The metrics of a worker to whom all that is counted has happened."""
    companies = [await stage.connect(company) for company in range(2)]
    for company in companies:
        await lifecycle.pause(stage.context, company)
    [worker] = await stage.start()
    for place in range(2):
        stage.send(company=place)

    async def waits() -> bool:
        return bool(await stage.context.pool.fetchval("select count(*) = 2 from delivery where state = 'waiting'"))

    await eventually(waits)
    await stage.context.pool.execute(
        "update delivery set state = 'parked', fingerprint = 'x' where integration = $1", companies[0].id
    )
    await stage.context.pool.execute(
        "update connection set state = 'broken', reason = 'key_revoked'"
        " where integration = $1 and service = 'trustmary'",
        companies[0].id,
    )
    return await worker.page("metrics")


async def test_every_name_and_label_is_one_that_a_worker_shows(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, companies=2) as stage:
        known = shown(await with_everything(stage))
    questions = list(asked())
    assert len(questions) > 20
    wrong = {
        expression: bad
        for expression, text in questions
        if (bad := [*unknown(expression, text, known | OF_PROMETHEUS)])
    }
    assert not wrong, sorted(known)
    named = {name for expression, _ in questions for name, _ in SERIES.findall(expression)}
    assert known.keys() <= named, "nothing is shown that nobody looks at"


@pytest.mark.parametrize("expression", ["ptm_nothing", 'ptm_events{state="x"}', "max by (state) (ptm_events)"])
def test_what_is_not_shown_is_found(expression: str) -> None:
    assert [*unknown(expression, "", {"ptm_events": {}})]


def test_prometheus_reads_the_alerts_and_they_sound_when_they_should() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    for command in (["check", "config", "prometheus.yml"], ["test", "rules", "alerts_test.yml"]):
        done = subprocess.run([promtool, *command], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_says_what_to_do_and_is_tried() -> None:
    tried = (PROMETHEUS / "alerts_test.yml").read_text(encoding="utf-8")
    for rule in rules():
        assert {"alert", "expr", "for", "labels", "annotations"} == rule.keys()
        assert f'alertname="{rule["alert"]}"' in tried


def test_the_pages_name_alerts_that_there_are() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    named = {name for page in pages for name in re.findall(r"`(Ptm\w+)`", page.read_text(encoding="utf-8"))}
    assert named
    assert named <= {str(rule["alert"]) for rule in rules()}


def test_the_line_for_monitors_reaches_its_limits_where_the_alerts_do() -> None:
    """docs/operating.md has them side by side."""
    expressions = {rule["alert"]: str(rule["expr"]) for rule in rules()}
    late, far_too_late = Limits().lag
    parked, many = Limits().parked
    for alert, end in {
        "PtmDecidesLate": f"> {late}",
        "PtmDecidesFarTooLate": f"> {far_too_late}",
        "PtmParked": f"> {parked - 1}",
        "PtmParkedMany": f">= {many}",
    }.items():
        assert expressions[alert].endswith(end)


def test_prometheus_scrapes_the_workers_of_compose_under_the_alerts_job() -> None:
    [scraped] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    assert {scraped["job_name"]} == OF_PROMETHEUS["up"]["job"]
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    workers = {f"{name}:{DEFAULT_PORT}" for name in composed if name.startswith("worker-")}
    assert {target for config in scraped["static_configs"] for target in config["targets"]} == workers
