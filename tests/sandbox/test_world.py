"""Who gets the invoices that the world draws by itself."""

from __future__ import annotations

from sandbox.customers import CustomerKind
from sandbox.world import World


def test_a_customer_made_by_a_call_gets_no_invoice_that_is_not_meant_for_it() -> None:
    world = World(seed=1, companies=1, customers=12)
    made = world.add_customer(kind=CustomerKind.NAMED_CONTACT)
    drawn = {world.add_invoice(kind=CustomerKind.NAMED_CONTACT).partner for _ in range(100)}
    assert drawn
    assert made.id not in drawn
    assert world.add_invoice(customer=made.id).partner == made.id
