"""`/webhooks`: made, changed and taken back. None of the events is about an invoice's status, so none is sent."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any
from uuid import UUID

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.door import read_object
from sandbox.query import read_order
from sandbox.visit import Visit

EVENTS = frozenset(
    {"DIRECTBANKDATATRANSFER_PAYMENT_CREATED", "DIRECT_SALARY_PAYMENTS_CANCELED", "DIRECT_SALARY_PAYMENTS_CREATED"}
    | {"INVOICE_PAYMENTEVENTS_DELETED", "INVOICE_PAYMENT_CREATED", "PAYMENT_DELETED", "PAYMENT_UPDATED"}
    | {"TRACKING_PERIOD_STATUS_UPDATED", "USER_UPDATED"}
)
_AUTHENTICATIONS = ("HMAC", "NONE")

Webhook = dict[str, Any]


class Webhooks:
    """By company and uuid, in the order in which they were made."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(f"webhooks {seed}")
        self._kept: defaultdict[int, dict[str, Webhook]] = defaultdict(dict)

    async def search(self, visit: Visit) -> web.Response:
        query = visit.query()
        found = [each for each in self._kept[visit.company.id].values() if _matches(each, query)]
        if read_order(query, "orderByCreatedDate"):
            found.reverse()
        return visit.paged(query, found)

    async def create(self, visit: Visit) -> web.Response:
        uuid = str(UUID(int=self._rng.getrandbits(128), version=4))
        self._kept[visit.company.id][uuid] = {"uuid": uuid, **_checked(await read_object(visit.request))}
        return json_answer({"status": 200, "uuid": uuid})

    async def update(self, visit: Visit) -> web.Response:
        uuid = self._known(visit)
        self._kept[visit.company.id][uuid] = {"uuid": uuid, **_checked(await read_object(visit.request))}
        return json_answer({"message": "Webhook updated"})

    async def delete(self, visit: Visit) -> web.Response:
        del self._kept[visit.company.id][self._known(visit)]
        return web.Response(status=204)

    def _known(self, visit: Visit) -> str:
        uuid = visit.request.match_info["uuid"]
        if uuid not in self._kept[visit.company.id]:
            raise Rejected(404, "Webhook not found")
        return uuid


def _matches(webhook: Webhook, query: dict[str, str]) -> bool:
    events = {word for word in query.get("eventType", "").split(",") if word}
    if strange := events - EVENTS:
        raise Rejected(400, f"{min(strange)!r} is no event type", field="eventType")
    wanted = not events or bool(events.intersection(webhook["subscriptions"]))
    return wanted and query.get("url", webhook["url"]) == webhook["url"]


def _checked(body: dict[str, Any]) -> Webhook:
    url, authentication, events = (body.get(name) for name in ("url", "authenticationType", "subscriptions"))
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise Rejected(400, "not a URL", field="url")
    if authentication not in _AUTHENTICATIONS:
        raise Rejected(400, "HMAC or NONE", field="authenticationType")
    if not isinstance(events, list) or not events or not EVENTS.issuperset(map(str, events)):
        raise Rejected(400, "at least one event type", field="subscriptions")
    meta = body.get("authenticationMeta")
    if meta is not None and not isinstance(meta, dict):
        raise Rejected(400, "not an object", field="authenticationMeta")
    return {"url": url, "authenticationType": authentication, "authenticationMeta": meta, "subscriptions": events}
