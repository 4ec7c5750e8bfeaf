"""The line that a screen shows does the same as its act: two databases that were one tell the same afterwards."""

from __future__ import annotations

import importlib
import os
import pkgutil
import shlex
import subprocess
import sys
from asyncio import create_subprocess_exec, to_thread
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import ClientSession

import tui
from alike import BUSY, NOT_YET, OFFICE, OWN, PILOT, RESTING, Scene, scene
from browsing import log_in
from driving import Driver
from servers.postgres import Cluster
from terminal import Ended, command, environment
from tui.app import Console
from tui.integration.page import Page
from tui.messages import OpenIntegration
from tui.run import desk_of
from tui.view import View
from ways import EVERY, shown, walk
from worker import callback, settings
from worker.opening import opened
from worker.operations import files, importing
from worker.operations.context import Context
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration

NO_LINE: Mapping[str, str] = {
    "OverviewPage.check_connection": "asks both services: what it changes is the count of the request budget",
    "ReplaysView.new": "opens the planning screen, whose act is `plan`",
    "AlertsPage.test": "a message leaves, and nothing is written: test_alerts_page.py compares what arrives",
    "ReplayView.plan_again": "opens the planning screen, whose act is `plan`",
}


@dataclass(frozen=True, slots=True)
class Act:
    of: str
    """The screen, or the page of one, and its action; of several that are one act, each."""
    way: str
    """Keys; the command is taken where `!` stands, and what stands in the last brackets says that it is done."""
    at: int | None = None
    """The company that is opened first; None: the way begins on the home screen."""


ANSWER, THIS, LINE = "(What becomes of)", "(This is the right one) enter", "colon (ptm) ! escape"
GONE, SURE = "D (the log stays as it is)", "(to go on) 'customer left' enter 'COMPANY' ! enter (is removed)"
TRIGGERS = "right (▶ Triggers)"
BLOCKED = "left (▶ Block)"
ALERTS = "left left (▶ Alerts)"
HOOK = "https://hooks.example.com/T0/toinen"
HISTORY = "right right (▶ History)"
BRAKE = "4 (The brake holds) down enter (the limit is 100)"
PARKED = "4 (The brake holds) down down (3 deliveries) enter (10013)"
NAMED = "(called) 'a' enter (Why?) 'b' enter"
SETTINGS = "e (Cool-down, days) ctrl+u '7' tab tab tab tab 'too often' (--reason)"
REVIEW = "(▶ Condition) down enter (recommended) down space enter (Empty, Sent) ctrl+s (What changes)"
NEW = "(▶ Condition) n (▶ Mapping) n (▶ Destination) enter (Only add the contact) enter (1) n (▶ Review)"


ACTIVATION = (
    "a (How do you get) down down down enter (browser sent to?) 'ADDRESS' enter (Join 2 companies) enter "
    f"(get into Trustmary) down enter {THIS} {NEW} down down enter (Why?) 'as agreed' enter (Reason) up up enter "
    "(Approve 2 companies) ! '2' enter (2 companies are joined)"
)


ACTS: Mapping[str, Act] = {
    # one integration
    "pause": Act("IntegrationView.pause", "p (Pause ) ! y (is paused)", OFFICE),
    "resume: decide again": Act("IntegrationView.pause", f"p {ANSWER} ! enter (sends again)", RESTING),
    "resume: send": Act("IntegrationView.pause", f"p {ANSWER} down ! enter (sends again)", RESTING),
    "resume: drop": Act("IntegrationView.pause", f"p {ANSWER} down down ! enter (sends again)", RESTING),
    "undo": Act("IntegrationView.undo", "z (Undo the last change) ! y (is undone)", OFFICE),
    "remove": Act("IntegrationView.remove", f"{GONE} enter {SURE}", OFFICE),
    "erase": Act("IntegrationView.remove", f"{GONE} down enter {SURE}", OFFICE),
    "new key": Act(
        "IntegrationView.reconnect CauseView.reconnect",
        f"L (which service) down enter (How do you get) down enter {THIS} (Use this for) ! y (▶ Overview)",
        OFFICE,
    ),
    "settings": Act("OverviewPage.settings", f"{SETTINGS} ! ctrl+s (are saved)", PILOT),
    "settings: drop": Act("OverviewPage.settings", f"{SETTINGS} ctrl+s {ANSWER} down down ! enter (are saved)", BUSY),
    "label": Act("OverviewPage.labels", "l (Labels of) down space (◉ spring) ! enter (are saved)", PILOT),
    "another label": Act("OverviewPage.labels", "l (Labels of) space space (◉ spring) ! enter (are saved)", PILOT),
    "no label": Act("OverviewPage.labels", "l (Labels of) space ! enter (are saved)", PILOT),
    "restore": Act("HistoryPage.restore", f"{HISTORY} end r (left it, as the newest) ! y (as version)", OFFICE),
    "restore settings": Act(
        "HistoryPage.restore", f"{HISTORY} down r (Save these settings again) ! y (are saved)", OFFICE
    ),
    "restore labels": Act(
        "HistoryPage.restore", f"{HISTORY} down down down r (Save these labels again) ! y (are saved)", OFFICE
    ),
    "block": Act(
        "BlockedPage.block",
        f"{BLOCKED} a (Which address?) 'o@hara.fi' enter (never added) 'asked not to' (--reason) ! enter (is blocked)",
        OFFICE,
    ),
    "unblock": Act("BlockedPage.unblock", f"{BLOCKED} down delete (may be added) ! y (off the block)", OFFICE),
    "unblock many": Act(
        "BlockedPage.unblock", f"{BLOCKED} asterisk delete (Take 3) ! '3' enter (off the block)", OFFICE
    ),
    # who is told
    "tell by mail": Act(
        "AlertsPage.tell",
        f"{ALERTS} a (Who is to be told) enter (Which e-mail) 'aino@toimittaja.fi' enter (In which language) "
        "down enter (Tell aino) ! y (saved who is told)",
        OFFICE,
    ),
    "tell a webhook": Act(
        "AlertsPage.tell",
        f"{ALERTS} a (Who is to be told) down enter (whole address) 'HOOK' enter (In which language) enter "
        "(Tell hooks) ! y (saved who is told)",
        OFFICE,
    ),
    "tell in another language": Act(
        "AlertsPage.speak",
        f"{ALERTS} e (In which language) down enter (In Finnish) ! y (saved who is told)",
        OFFICE,
    ),
    "tell no more": Act(
        "AlertsPage.tell_no_more",
        f"{ALERTS} asterisk delete (Tell paivi) ! y (saved who is told)",
        OFFICE,
    ),
    # its triggers
    "edit": Act("TriggersPage.edit Making.save", f"{TRIGGERS} e {REVIEW} {LINE} ctrl+s (is saved)", OFFICE),
    "edit: drop": Act("Making.save", f"{TRIGGERS} e {REVIEW} ctrl+s {ANSWER} down down ! enter (is saved)", BUSY),
    "edit as a draft": Act("Making.save_draft", f"{TRIGGERS} e {REVIEW} down {LINE} ctrl+d (is saved)", PILOT),
    "new trigger": Act("TriggersPage.new", f"{TRIGGERS} n {NEW} {LINE} enter (is saved)", OFFICE),
    "new draft": Act("IntegrationView.new_trigger Making.save_draft", f"N {NEW} down {LINE} enter (is saved)", OFFICE),
    "rest": Act("TriggersPage.rest", f"{TRIGGERS} t (out of force?) ! y (a draft now)", OFFICE),
    "draft": Act("TriggersPage.draft", f"{TRIGGERS} d (Make a draft) ! y (is saved)", PILOT),
    "promote": Act("TriggersPage.promote", f"{TRIGGERS} down P (in force?) ! y (is in force)", OFFICE),
    "remove trigger": Act(
        "TriggersPage.remove_trigger", f"{TRIGGERS} delete (Remove the trigger) ! y (is removed)", OFFICE
    ),
    "try out": Act(
        "TriggersPage.try_out",
        f"{TRIGGERS} T (of your own) 'OWN' enter (Send the contact) ! y (was added)",
        BUSY,
    ),
    # many
    "pause all": Act("IntegrationsView.pause", "asterisk p (Pause 3) ! '3' enter (are paused now)"),
    "pause those with a label": Act(
        "IntegrationsView.pause", "space down down space p (Pause 2) ! '2' enter (are paused now)"
    ),
    "pause some": Act(
        "IntegrationsView.pause", "space down down down down space p (Pause 2) ! '2' enter (are paused now)"
    ),
    "resume all": Act(
        "IntegrationsView.resume", f"asterisk r (Resume 3) '3' enter {ANSWER} down ! enter (3 send again)"
    ),
    "resume some": Act(
        "IntegrationsView.resume", f"down space space r (Resume 2) '2' enter {ANSWER} ! enter (2 send again)"
    ),
    "label some": Act(
        "IntegrationsView.label", "down space space l (Which label) 'kevät' enter (Give 2) ! '2' enter (have the label)"
    ),
    "label those with a label": Act(
        "IntegrationsView.label",
        "space down down space l (Which label) 'kevät' enter (Give 2) ! '2' enter (have the label)",
    ),
    "settings of all": Act(
        "IntegrationsView.settings",
        "asterisk e (Settings of 6) '7' tab tab tab 'yes' tab 'too often' (--reason) ctrl+s (for 6) '6' enter "
        f"{ANSWER} down ! enter (are saved)",
    ),
    "settings of those with a label": Act(
        "IntegrationsView.settings",
        "space down down space e (Settings of 2) tab tab '250' (--brake) ctrl+s (for 2) ! '2' enter (are saved)",
    ),
    "import": Act("IntegrationsView.import", "I (Which file) 'FILE' enter (Save this in) ! y (is saved)"),
    "add": Act(
        "IntegrationsView.add",
        "a (How do you get) down down down down enter "
        f"{THIS} (get into Trustmary) down enter {THIS} {NEW} {LINE} enter (from now on) n",
    ),
    # what needs a person
    "release what the brake holds": Act(
        "CauseView.resume", f"{BRAKE} r {ANSWER} enter (Resume 2) ! '2' enter (send again)"
    ),
    "drop what the brake holds": Act(
        "CauseView.resume", f"{BRAKE} r {ANSWER} down down enter (Resume 2) ! '2' enter (send again)"
    ),
    "send what the brake holds": Act(
        "CauseView.resume", f"{BRAKE} r {ANSWER} down enter (Resume 2) ! '2' enter (send again)"
    ),
    "send again": Act("CauseView.send_again", f"{PARKED} s (again) ! '3' enter (are sent again)"),
    "send some again": Act("CauseView.send_again", f"{PARKED} space space s (again) ! '2' enter (are sent again)"),
    "discard": Act("CauseView.discard", f"{PARKED} d (never sent) 'gone' (--reason) tab '3' ! enter (are discarded)"),
    "discard some": Act(
        "CauseView.discard", f"{PARKED} space space d (never sent) 'gone' (--reason) tab '2' ! enter (are discarded)"
    ),
    "reconcile": Act(
        "AttentionView.reconcile",
        "4 (3 deliveries) n (All integrations) 'QUIET' enter (▼) c (Nothing is sent) ! y (Reconciled 1 of 1)",
    ),
    # replays
    "plan": Act("PlanningView.plan", f"R (all live ones) {LINE} p (Meant:)", OFFICE),
    "apply": Act(
        "ReplayView.apply",
        f"3 (○ planned) down enter (Meant:) a (How far) enter {NAMED} (Type 2) ! '2' enter (running)",
    ),
    "pause a replay": Act("ReplayView.pause", "3 (▶ running) enter (finished) p (Pause it?) ! y (Paused:)"),
    "resume a replay": Act(
        "ReplayView.pause", "3 (‖ paused) down down enter (finished) p (Let it go on?) ! y (It goes on)"
    ),
    "cancel": Act("ReplayView.cancel", "3 (▶ running) enter (finished) c (Cancel it?) ! y (Cancelled)"),
    "give a plan up": Act(
        "ReplayView.cancel", "3 (○ planned) down enter (Meant:) c (Give up this plan) ! y (Cancelled)"
    ),
    "undo a replay": Act(
        "ReplayView.undo",
        f"3 (✔ done) end enter (2 of 2 finished) u (What cannot) enter {NAMED} (Type 2) ! '2' enter (has begun)",
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def before(postgres_server: Cluster) -> AsyncIterator[Scene]:
    async with scene(postgres_server) as made:
        yield made


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ACTS)
async def test_the_line_does_the_same(name: str, before: Scene, tmp_path: Path) -> None:
    act = ACTS[name]
    async with before.copied() as here, before.copied() as there:
        at_first = await before.told(here)
        write_document(before.companies[PILOT], tmp_path)
        line = await acted(act, before, here, tmp_path)
        ended = await typed(line, there)
        assert ended.code == 0, f"{line}\n{ended.err}"
        done, as_done = await before.told(here), await before.told(there)
    assert done != at_first, "the console did nothing"
    found = differing(done, as_done)
    assert not found, f"{line}\n{found}"


async def acted(act: Act, before: Scene, environ: Mapping[str, str], directory: Path) -> str:
    """What the act's screen said would do the same."""
    async with opened(settings.load(dict(environ))) as context:
        console = Console(desk_of(context, read_only=False))
        lines: set[str] = set()
        async with console.run_test(size=(150, 40), notifications=True) as pilot:
            driver = Driver(console, pilot)
            await driver.sees(before.companies[0].company)
            if act.at is not None:
                console.post_message(OpenIntegration(before.companies[act.at].id))
                await driver.sees("▶ Overview")
            company = before.companies[act.at or 0].company
            named = {"COMPANY": company, "FILE": str(directory / "ptm.yaml"), "OWN": OWN, "HOOK": HOOK}
            named["QUIET"] = before.companies[
                PILOT
            ].company  # nobody is looked up, which waits while others are sent to
            await walk(driver, act.way, named, look=lambda: lines.update(shown(driver)))
    [line] = lines
    return line


async def typed(line: str, environ: Mapping[str, str]) -> Ended:
    """In a shell, where it needs one."""
    words = shlex.split(line)
    more = ["--yes"] if asks(words) else []
    if "<<<" not in words:
        return await command(environ, *words[1:], *more, stdin=f"{HOOK}\n" if "-" in words else "")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    variables = environment(environ) | {"PATH": path}
    done = await to_thread(subprocess.run, ["bash", "-c", line], env=variables, capture_output=True, text=True)
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_line_of_a_login_by_a_browser_does_the_same(before: Scene) -> None:
    async with before.copied() as here, before.copied() as there, ClientSession() as browser:

        async def log_in_at(url: str) -> None:
            await log_in(browser, before.sandbox, url, company=OFFICE)

        async with landing(here) as context:
            line = await by_a_browser(before, context, log_in_at)
        async with landing(there):
            words = [sys.executable, "-m", "tui", *shlex.split(line)[1:], "--yes"]
            process = await create_subprocess_exec(
                *words, stdin=DEVNULL, stderr=PIPE, stdout=DEVNULL, env=environment(there)
            )
            assert process.stderr
            while not (told := (await process.stderr.readline()).decode().strip()).startswith("http"):
                assert not process.stderr.at_eof(), line
            await log_in_at(told)
            _, said = await process.communicate()
            assert process.returncode == 0, said.decode()
        done, as_done = await before.told(here), await before.told(there)
    assert any("IntegrationReconnected" in event for event in done[f"integration/{before.companies[OFFICE].id}"])
    found = differing(done, as_done)
    assert not found, f"{line}\n{found}"


@asynccontextmanager
async def landing(environ: Mapping[str, str]) -> AsyncIterator[Context]:
    """With a worker's callback at the public URL."""
    read = settings.load(dict(environ))
    async with opened(read) as context:
        port = urlsplit(environ["PTM_PUBLIC_URL"]).port
        at = callback.Landing(pool=context.pool, vault=context.vault)
        async with callback.serving(at, host="127.0.0.1", port=port or 0):
            yield context


async def by_a_browser(before: Scene, context: Context, log_in_at: Callable[[str], Awaitable[None]]) -> str:
    console = Console(desk_of(context, read_only=False))
    async with console.run_test(size=(150, 40), notifications=True) as pilot:
        driver = Driver(console, pilot)
        await driver.sees(before.companies[0].company)
        console.post_message(OpenIntegration(before.companies[OFFICE].id))
        await walk(driver, "(▶ Overview) L (which service) enter (How do you get) enter (choose the company:) c")
        await log_in_at(console.clipboard)
        await walk(driver, f"{THIS} (Use this for)")
        [line] = shown(driver)
        await walk(driver, "y (▶ Overview)")
    return line


@pytest.mark.asyncio(loop_scope="module")
async def test_the_line_of_an_activation_link_does_the_same(before: Scene) -> None:
    """Of two companies, one of which is joined already; each database answers an activation of its own."""
    both = [before.sandbox.companies[place]["id"] for place in (NOT_YET, BUSY)]
    first, second = (before.sandbox.activate(both, "https://ptm.esimerkki.fi/activated") for _ in range(2))
    key = {"PTM_PROCOUNTOR_INTEGRATOR_KEY": before.sandbox.companies[0]["api_key"]}
    lines: set[str] = set()
    async with before.copied() as here, before.copied() as there:
        async with opened(settings.load({**here, **key})) as context:
            console = Console(desk_of(context, read_only=False))
            async with console.run_test(size=(150, 40), notifications=True) as pilot:
                driver = Driver(console, pilot)
                await driver.sees(before.companies[0].company)
                await walk(driver, ACTIVATION, {"ADDRESS": first}, look=lambda: lines.update(shown(driver)))
        [line] = lines
        assert number_of(first) in line
        ended = await typed(line.replace(number_of(first), number_of(second)), {**there, **key})
        assert ended.code == 0, f"{line}\n{ended.err}"
        done, as_done = await before.told(here), await before.told(there)
    assert sum("IntegrationConnected" in event for stream in done.values() for event in stream) == NOT_YET + 1
    found = differing(done, as_done)
    assert not found, f"{line}\n{found}"


def number_of(address: str) -> str:
    return address.rpartition("=")[2]


def asks(words: list[str]) -> bool:
    name = next(name for name in (" ".join(words[1:3]), words[1]) if name in EVERY)
    return "--yes" not in words and any("--yes" in parameter.opts for parameter in EVERY[name].params)


def write_document(one: Integration, directory: Path) -> None:
    """As the integration is, but for a setting and its labels."""
    entry = importing.described(one)
    other = replace(entry, settings=replace(entry.settings, cool_down_days=9), labels=("kevät",))
    files.write((other,), directory / "ptm.yaml")


def differing(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """Table or stream → what only the one has of it, and what only the other."""
    found = {}
    for name in one.keys() | other.keys():
        mine, theirs = one.get(name, []), other.get(name, [])
        if mine != theirs:
            found[name] = [row for row in mine if row not in theirs], [row for row in theirs if row not in mine]
    return found


def test_every_act_is_compared_or_has_its_reason() -> None:
    compared = {each for act in ACTS.values() for each in act.of.split()}
    assert compared | set(NO_LINE) == set(registered())
    assert not compared & set(NO_LINE)


def registered() -> Iterator[str]:
    """Whatever a screen, or a page of one, says that it changes."""
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for one in kinds_of(View, Page):
        yield from (f"{one.__name__}.{action}" for action in sorted(one.__dict__.get("CHANGES", ())))


def kinds_of(*classes: type) -> Iterator[type]:
    for one in classes:
        if one.__module__.startswith("tui."):
            yield one
        yield from kinds_of(*one.__subclasses__())
