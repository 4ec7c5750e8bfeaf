"""Another company with the rules of one that is connected: all of them, and nobody is asked who asked not to be."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from desk import Desk, desk
from events.contact import ContactAdded, ContactSkipped, Skip
from events.errors import Misconfigured
from events.integration import Condition, Destination, DestinationKind, Settings, Trigger
from events.recipient import Channel, Wanted
from servers.postgres import Database
from worker.operations import access, beginning, blocks, connecting, labels, lifecycle, recipients, saving, triggers
from worker.operations.access import Company, Organization
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration
URL = "https://hooks.example.com/services/T0/salaisuus"
TOLD = (Wanted(channel=Channel.EMAIL, to="Paivi@toimittaja.fi"), Wanted(channel=Channel.WEBHOOK, to=URL))


async def furnished(at: Desk) -> Integration:
    """Two triggers, one of them a draft of the other; settings, labels, recipients, a blocked domain."""
    seen = await at.connect()
    offered = await triggers.choices_of(at.context, seen)
    draft = replace(
        at.trigger,
        id=uuid4(),
        name="Lähetetty listalle",
        live=False,
        draft_of=at.trigger.id,
        destination=triggers.to_lists(offered.lists[:1]),
    )
    seen = await triggers.save(at.context, seen, draft)
    seen = await saving.edit(at.context, seen, cool_down_days=30, told=await recipients.resolve(at.context, seen, TOLD))
    seen = await labels.add(at.context, seen, "pilotti")
    await blocks.add(at.context, seen, "@esimerkki.fi")
    return await at.again(seen)


async def alike(at: Desk, seen: Integration, company: int, organization: int = 0) -> Integration:
    opened, into = await parties(at, company, organization)
    begins = await beginning.alike(at.context, seen, opened, into)
    made = await connecting.connect(at.context, opened, into, beginning=begins)
    await at.project(made)
    return made


async def parties(at: Desk, company: int, organization: int) -> tuple[Company, Organization]:
    return (
        await access.check_key(at.context, at.sandbox.companies[company]["api_key"]),
        await access.check_organization(at.context, at.sandbox.organizations[organization]["api_key"]),
    )


async def test_another_company_begins_with_the_same_rules(database: Database) -> None:
    async with desk(database, companies=2) as at:
        seen = await furnished(at)
        made = await alike(at, seen, 1)
        live, draft = made.rules.triggers.values()
        before, before_draft = seen.rules.triggers.values()
        assert (live, draft) == (
            replace(before, id=live.id),
            replace(before_draft, id=draft.id, draft_of=live.id),
        )
        assert not set(made.rules.triggers) & set(seen.rules.triggers)
        assert made.rules.settings == Settings(cool_down_days=30)
        assert made.rules.labels == ("pilotti",)
        assert [(one.channel, one.to) for one in made.rules.recipients] == [
            (one.channel, one.to) for one in seen.rules.recipients
        ]
        assert made.company_id == at.sandbox.companies[1]["id"]


async def test_who_asked_not_to_be_asked_is_not_asked_by_the_other_company_either(database: Database) -> None:
    async with desk(database, companies=2) as at:
        made = await alike(at, await furnished(at), 1)
        await at.see(made, 1, email="joku@esimerkki.fi")
        await at.see(made, 2, email="joku@toinen.fi")
        await at.project(made)
        decided = [event for _, event in await at.events(made) if isinstance(event, ContactAdded | ContactSkipped)]
        assert [one.reason if isinstance(one, ContactSkipped) else one.invoice_id for one in decided] == [
            Skip.BLOCKED,
            2,
        ]


async def test_a_webhook_stays_when_the_integration_it_came_from_is_removed(database: Database) -> None:
    async with desk(database, companies=2) as at:
        seen = await furnished(at)
        made = await alike(at, seen, 1)
        await lifecycle.remove(at.context, await at.again(seen))
        hook = made.rules.recipients[1]
        assert (await at.context.vault.secret(hook.id)).decode() == URL


async def test_customers_by_number_are_the_companys_own(database: Database) -> None:
    async with desk(database, companies=2, organizations=2) as at:
        known = Trigger(id=uuid4(), name="Valitut", condition=Condition(customers=frozenset({7})))
        seen = await at.connect(trigger=known)
        [elsewhere] = (await alike(at, seen, 1)).rules.triggers.values()
        assert not elsewhere.live
        [here] = (await alike(at, seen, 0, 1)).rules.triggers.values()
        assert here.live


async def test_another_organization_has_to_have_what_the_rules_name(database: Database) -> None:
    async with desk(database, companies=2, organizations=2) as at:
        seen = await at.connect()
        theirs = replace(
            at.trigger, destination=Destination(kind=DestinationKind.LISTS, lists=("l1",), names={"l1": "Laskutetut"})
        )
        seen = await triggers.save(at.context, seen, theirs)
        opened, into = await parties(at, 0, 1)
        with pytest.raises(Misconfigured, match=r"Lähetetty: destination.*no list l1 \(Laskutetut\)"):
            await beginning.alike(at.context, seen, opened, into)
