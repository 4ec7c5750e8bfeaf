"""The same facts give the same id, for ever."""

from __future__ import annotations

from uuid import UUID, uuid5

from events.envelope import NAMESPACE, identify, integration_of, invoice_stream, subject_of
from facts import INTEGRATION, changed


def test_an_id_is_a_version_5_uuid_of_the_facts_in_order() -> None:
    for parts in (("change", INTEGRATION, 1, 2, "SENT"), ("decision", None, "ä"), ()):
        name = "/".join("" if part is None else str(part) for part in parts)
        assert identify(*parts) == uuid5(NAMESPACE, name)
        assert identify(*parts).version == 5


def test_a_change_keeps_the_id_that_it_has_had_since_the_first_release() -> None:
    assert changed().id == UUID("f7f69fa6-eacc-5118-a2f1-938499c302b5")


def test_each_change_of_an_invoice_is_a_fact_of_its_own_however_it_was_seen() -> None:
    same = changed(version="later", invoice={}, customer=None)
    assert same.id == changed().id
    assert len({changed().id, changed(change=3).id, changed(after="PAID").id, changed(2).id}) == 4


def test_a_customers_key_seals_its_invoices_and_a_one_off_invoice_has_its_own() -> None:
    assert changed().subject == subject_of(INTEGRATION, 8464298, 51234)
    assert changed(invoice={}).subject == f"{INTEGRATION}/invoice/8464298"


def test_a_stream_names_its_tenant() -> None:
    assert integration_of(invoice_stream(INTEGRATION, 7)) == INTEGRATION
