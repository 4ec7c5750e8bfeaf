"""A caller of a running sandbox: one session, logged in to a company by its API key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, ClientSession, ClientTimeout

from sandbox import Sandbox

DRAFT: dict[str, Any] = {
    "type": "SALES_INVOICE",
    "date": "2026-03-02",
    "counterParty": {"email": "maija@esimerkki-oy.fi", "counterPartyAddress": {"name": "Esimerkki Oy"}},
    "paymentInfo": {"paymentMethod": "BANK_TRANSFER", "currency": "EUR", "dueDate": "2026-03-16", "currencyRate": 1},
    "extraInfo": {"accountingByRow": False, "unitPricesIncludeVat": False},
    "discountPercent": 0,
    "invoiceRows": [
        {"product": "Työ", "quantity": 2, "unit": "HOUR", "unitPrice": 50, "discountPercent": 0, "vatPercent": 25.5}
    ],
    "invoiceChannel": "EMAIL",
    "language": "FINNISH",
}
"""A sales invoice of 125.50 euros, as a caller writes it."""


@dataclass(slots=True)
class Visitor:
    sandbox: Sandbox
    http: ClientSession
    token: str = ""
    base: str = "/api"
    headers: dict[str, str] = field(default_factory=dict)

    async def log_in(self, company: int = 0) -> None:
        answer = await self.grant(grant_type="client_credentials", api_key=self.sandbox.companies[company]["api_key"])
        self.token = (await answer.json())["access_token"]

    async def grant(self, path: str = "token", **form: str) -> ClientResponse:
        """Ask an OAuth endpoint with this client's id and secret beside *form*."""
        client = {"client_id": self.sandbox.client_id, "client_secret": self.sandbox.client_secret}
        return await self.http.post(f"{self.sandbox.procountor_url}{self.base}/oauth/{path}", data=client | form)

    async def call(self, method: str, path: str, **options: Any) -> ClientResponse:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        url = f"{self.sandbox.procountor_url}{self.base}{path}"
        return await self.http.request(method, url, headers=headers, **options)

    async def get(self, path: str, **query: str | int) -> Any:
        """The JSON of a successful read."""
        answer = await self.call("GET", path, params=query)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def trustmary(self, method: str, path: str, **options: Any) -> ClientResponse:
        headers = {"Authorization": f"Apikey {self.sandbox.trustmary_api_key}"} | options.pop("headers", {})
        return await self.http.request(method, self.sandbox.trustmary_url + path, headers=headers, **options)


@asynccontextmanager
async def visiting(sandbox: Sandbox) -> AsyncIterator[Visitor]:
    """A visitor logged in to the first company of *sandbox*, which runs meanwhile."""
    async with sandbox, ClientSession(timeout=ClientTimeout(total=20)) as http:
        visitor = Visitor(sandbox, http)
        await visitor.log_in()
        yield visitor
