"""The first step: into a company of Procountor, by its login page or by an API key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Paste
from textual.widgets import Input, Static

from events.errors import Misconfigured, PtmError, Refused
from tui.making.accepted import AcceptedStages
from tui.making.draft import Draft
from tui.making.link import Link
from tui.making.wording import code
from tui.widgets.menu import Choice, Menu
from worker.operations import access, logins
from worker.operations.access import Company
from worker.operations.logins import LoginKind, PendingLogin
from worker.settings import has_screen

FIRST = (
    "First: an API client from Procountor (its form brings client id and secret), set as PTM_PROCOUNTOR_CLIENT_….",
    "In the company: the API add-on, and Management > Company info > Usage settings > Integration settings > "
    "Allow the usage of invoiceable API clients.",
    "A user of its own, of no person, to log in as: the connection ends when its user does.",
    "For Trustmary's key an Owner: Settings > Developers.",
    "With Trustmary's hosted integration on, save a draft, compare, then switch: both live add every contact twice.",
)
"""What has to be there before anybody begins."""
LOGINS = {"login": LoginKind.KEY, "code": LoginKind.CODE}


class ProcountorStep(AcceptedStages):
    TITLE = "Procountor"
    login: PendingLogin | None = None

    @classmethod
    def missing(cls, draft: Draft) -> str:
        return "" if draft.connects else "Log in to a company of Procountor first."

    def compose(self) -> ComposeResult:
        say = self.say
        if self.draft.company:
            yield from self._company(self.draft.company)
        elif self.draft.accepted or self.stage in self.ACCEPTING:
            yield from self.accepting()
        elif self.stage == "browser" and self.login:
            yield Static(Content(say("Open this page, log in to Procountor and choose the company:")))
            yield Link(say, self.login.url)
            yield Static(Content(say("This screen goes on by itself. If the browser ends on a page that does not open, "
                                     "paste its address here:")), classes="question")  # fmt: skip
            yield Input(id="landed", placeholder=say("address with ?code=…&state=…"), compact=True)
            yield Static(id="told")
        elif self.stage == "key":
            yield from self.hidden(say("Procountor's API key"))
        else:
            yield Static(Content("\n".join(f"· {say(one)}" for one in FIRST)), classes="quiet")
            yield Static(Content(say("How do you get into Procountor?")), classes="question")
            yield Menu(list(self._ways()))
            yield Static(id="told")

    def _ways(self) -> Iterator[Choice]:
        yield Choice("login", self.say("Log in in a browser (for good)"))
        yield Choice("code", self.say("Log in in a browser (for six months, where API keys are not allowed)"))
        yield Choice("key", self.say("An API key that I have"))
        if self.draft.seen is None:
            yield Choice("activation", self.say("An activation link that a customer has accepted (several companies)"))
        if self.desk.context.settings.procountor_api_key:
            yield Choice("settings", self.say("The API key of the settings (PTM_PROCOUNTOR_API_KEY)"))

    def _company(self, company: Company) -> ComposeResult:
        say, rights = self.say, company.rights
        lines = [
            (say("company"), f"{company.name} ({company.company_id}) {company.business_id or ''}"),
            (say("user"), f"{company.user}, {rights.role or say('role unknown')}"),
            (say("sales invoices"), code(rights.invoices, say)),
            (say("customer register"), code(rights.customers, say)),
        ]
        yield from self.named(lines, [say(one) for one in company.warnings], say("Not this one: log in again"))

    async def take(self, way: str) -> None:
        if way in LOGINS:
            self.attempt(self._begin(LOGINS[way]))
        elif way in self.ACCEPTING:
            await self.accept(way)
        elif way == "settings" and (key := self.desk.context.settings.procountor_api_key):
            self.attempt(self._check(key.get_secret_value()))
        else:
            await self.enter("key")

    @on(Input.Submitted, "#key")
    def try_key(self, event: Input.Submitted) -> None:
        self.attempt(self._check(event.value))

    async def _check(self, key: str) -> None:
        self.tell(self.say("Asking Procountor …"))
        await self._named(await access.check_key(self.desk.context, key))

    async def _begin(self, kind: LoginKind) -> None:
        self.login = await access.begin_login(self.desk.context, kind)
        await self.enter("browser")
        if has_screen() or self.app.is_web:
            self.app.open_url(self.login.url)
        await self._come_back(self.login, "")

    async def _come_back(self, login: PendingLogin, landed: str) -> None:
        """By the address that was pasted, else as soon as some worker's callback has the code."""
        code = None
        if landed:
            try:
                code = await logins.paste(self.desk.context, login, landed)
            except (Misconfigured, Refused) as error:
                self.tell(f"✖ {self.say.told(error)}", "bad")
        code = code or await logins.wait_for_code(self.desk.context, login)
        self.tell(self.say("Asking Procountor …"))
        await self._named(await access.finish_login(self.desk.context, login, code), login.kind)

    @on(Input.Submitted, "#landed")
    def go_on_from(self, event: Input.Submitted) -> None:
        if self.login and event.value.strip():
            self.attempt(self._come_back(self.login, event.value))

    def on_paste(self, event: Paste) -> None:
        """Wherever the focus is, an address that is pasted belongs in the field for it."""
        for field in self.query("#landed").results(Input):
            field.value = event.text.strip()
            field.focus()

    async def _named(self, company: Company, login: LoginKind | None = None) -> None:
        self.draft = replace(self.draft, company=company, login=login)
        self.put(self.draft)
        await self.enter("named")

    def failed(self, error: PtmError) -> None:
        """A login that came to nothing begins again at the ways."""
        self.run_worker(self._fall_back(error), group="fall back")

    async def _fall_back(self, error: PtmError) -> None:
        if self.stage == "browser":
            await self.enter("ways")
        super().failed(error)

    def forget(self) -> None:
        self.draft = replace(self.draft, company=None, accepted=None, approved=())
        self.put(self.draft)
