"""The sandbox's own door: the books to read, and calls that make things happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import orders
from sandbox.answers import Rejected, json_answer
from sandbox.customers import CustomerKind
from sandbox.door import read_object
from sandbox.orders import Order, checked
from sandbox.replying import reply

if TYPE_CHECKING:
    from sandbox.server import Sandbox

Answer = Callable[[web.Request], Awaitable[Any]]


class Control:
    """Handlers over *sandbox*; each returns what is written as JSON."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world

    def app(self) -> web.Application:
        app = web.Application()
        routes: tuple[tuple[str, str, Answer], ...] = (
            ("GET", "/", self._describe),
            ("GET", "/invoices", self._invoices),
            ("GET", "/contacts", self._contacts),
            ("GET", "/summary", self._summary),
            ("GET", "/expected", self._expected),
            ("GET", "/verdict", self._verdict),
            ("GET", "/rate", self._rate),
            ("POST", "/control/rate/reset", self._reset_rate),
            ("POST", "/control/invoice", self._add_invoice),
            ("POST", "/control/invoices/{id}/{act}", self._act),
            ("POST", "/control/clock", self._clock),
            ("POST", "/control/flow", self._flow),
            ("POST", "/control/customers/{company}", self._add_customer),
            ("POST", "/control/customers/{company}/{id}", self._edit_customer),
            ("PATCH", "/control/customers/{company}/{id}", self._edit_customer),
            ("POST", "/control/contact", self._contact),
            ("POST", "/control/reply", self._reply),
            ("POST", "/control/companies/{id}", self._edit_company),
            ("POST", "/control/organizations/{id}", self._edit_organization),
            ("POST", "/control/activation", self._activate),
            ("POST", "/control/tokens/expire", self._expire_tokens),
            ("POST", "/control/expect", self._expect),
            ("POST", "/control/faults", self._faults),
            ("POST", "/control/switches", self._switches),
        )
        for method, path, answer in routes:
            app.router.add_route(method, path, _written(answer))
        return app

    async def _describe(self, _: web.Request) -> Any:
        return self._sandbox.describe()

    async def _invoices(self, _: web.Request) -> Any:
        return {"changes": self._world.books.changes}

    async def _contacts(self, _: web.Request) -> Any:
        return {"contacts": self._world.books.arrivals}

    async def _summary(self, _: web.Request) -> Any:
        books = self._world.books
        return {
            "invoices": len({change.invoice for change in books.changes}),
            "status_changes": len(books.changes),
            "arrivals": len(books.arrivals),
            "surveys": sum(arrival.survey_starts for arrival in books.arrivals),
            "expected": len(books.expected),
        }

    async def _expected(self, request: web.Request) -> Any:
        verdict = self._world.books.verdict(request.query.get("field", "field_invoice"))
        return {"expected": list(self._world.books.expected.values()), "verdict": verdict}

    async def _verdict(self, request: web.Request) -> Any:
        return self._world.books.verdict(request.query.get("field", "field_invoice"))

    async def _rate(self, _: web.Request) -> Any:
        return {
            "procountor": self._sandbox.procountor_meter.report(),
            "trustmary": self._sandbox.trustmary_meter.report(),
        }

    async def _reset_rate(self, _: web.Request) -> Any:
        self._sandbox.procountor_meter.reset()
        self._sandbox.trustmary_meter.reset()
        return {}

    async def _add_invoice(self, request: web.Request) -> Any:
        invoice = self._world.add_invoice(**await told(request, orders.INVOICE))
        return {"id": invoice.id, "company": invoice.company, "status": invoice.status}

    async def _act(self, request: web.Request) -> Any:
        number, act = int(request.match_info["id"]), request.match_info["act"]
        if act in ("hide", "show"):
            invoice = self._world.hide(number, hidden=act == "hide")
        elif act == "status":
            invoice = self._world.move(number, **await told(request, orders.STATUS, "status"))
        else:
            invoice = self._world.act(number, act)
        return {"id": invoice.id, "status": invoice.status, "version": invoice.version}

    async def _clock(self, request: web.Request) -> Any:
        """`{"ahead": 120}`: two minutes pass at once."""
        return {"now": self._world.let_pass((await told(request, orders.CLOCK)).get("ahead", 0))}

    async def _flow(self, request: web.Request) -> Any:
        """`{"count": 40}`; what has no end has to be asked for by that word."""
        body = await told(request, orders.FLOW)
        wait = body.pop("wait", False)
        if body.pop("endless", False):
            body["count"] = None
        elif "count" not in body:
            raise ValueError("count, or endless, is needed")
        task = self._sandbox.start_flow(**body)
        return {"invoices": await task} if wait else {"started": True}

    async def _add_customer(self, request: web.Request) -> Any:
        kind = CustomerKind((await told(request, orders.NEW_CUSTOMER)).get("kind", CustomerKind.NAMED_CONTACT))
        return self._world.add_customer(int(request.match_info["company"]), kind).entry()

    async def _edit_customer(self, request: web.Request) -> Any:
        company, number = int(request.match_info["company"]), int(request.match_info["id"])
        return self._world.edit_customer(company, number, **await told(request, orders.CUSTOMER)).entry()

    async def _contact(self, request: web.Request) -> Any:
        self._world.set_contact(**await told(request, orders.CONTACT, "email"))
        return {}

    async def _reply(self, request: web.Request) -> Any:
        """`{"score": 9, "email": "..."}`: a survey is answered."""
        answered = checked(await read_object(request), orders.REPLY, needed=("score",), more=True)
        return {"answer": (await reply(self._world, **answered)).id}

    async def _edit_company(self, request: web.Request) -> Any:
        changes = await told(request, orders.COMPANY)
        company = self._world.edit_company(int(request.match_info["id"]), **changes)
        return {"id": company.id, "api_enabled": company.api_enabled, "rights": asdict(company.rights)}

    async def _edit_organization(self, request: web.Request) -> Any:
        self._world.edit_organization(request.match_info["id"], **await told(request, orders.ORGANIZATION))
        return {}

    async def _activate(self, request: web.Request) -> Any:
        body = await told(request, orders.ACTIVATION, "companies", "callback")
        return {"location": self._sandbox.activate(body["companies"], body["callback"])}

    async def _expire_tokens(self, _: web.Request) -> Any:
        self._world.access.expire_access_tokens()
        return {}

    async def _expect(self, request: web.Request) -> Any:
        self._world.books.start_over((await told(request, orders.EXPECT)).get("company"))
        return {}

    async def _faults(self, request: web.Request) -> Any:
        """`{"spec": "..."}` replaces the faults in force; `"add": true` adds to them; no spec clears them."""
        body = await told(request, orders.FAULTS)
        if body.get("add"):
            self._sandbox.faults.add(body.get("spec", ""))
        else:
            self._sandbox.faults.replace(body.get("spec", ""))
        return {"faults": self._sandbox.faults.active}

    async def _switches(self, request: web.Request) -> Any:
        self._world.switches.throw(await read_object(request))
        return asdict(self._world.switches)


async def told(request: web.Request, order: Order, *needed: str) -> dict[str, Any]:
    """The body, if it is such an *order*."""
    return checked(await read_object(request), order, needed=needed)


def _written(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def write(request: web.Request) -> web.Response:
        try:
            return json_answer(await answer(request))
        except (ValueError, TypeError, Rejected) as error:
            return json_answer({"error": str(error)}, 400)
        except web.RequestPayloadError:
            return json_answer({"error": "The body cannot be read"}, 400)

    return write
