"""Every reason in an operator's words, and what to do about it: shared by CLI, console, callback page and alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from events.contact import Skip, Withdrawal
from events.reconcile import State


@dataclass(frozen=True, slots=True)
class Explained:
    says: str
    remedy: str


SKIPS: Mapping[Skip, Explained] = {
    Skip.BEFORE_CONNECTION: Explained(
        "The invoice is older than the connection, or than the first trigger that asked for its type of document.",
        "Nothing to do: the past never fires by itself. A replay can send it.",
    ),
    Skip.TYPE: Explained(
        "It is another type of document than the trigger wants.", "Change the trigger's types if it should count."
    ),
    Skip.OFFER: Explained("It is an offer, not an order.", "Tick offers in the trigger if they should count."),
    Skip.NOT_POSITIVE: Explained(
        "Its total is zero, negative (a credit note) or unknown.",
        "Tick totals of zero and less in the trigger if credit notes should count.",
    ),
    Skip.FILTERED: Explained(
        "A filter of the trigger leaves it out.", "Look at the trace; change the filter if it is wrong."
    ),
    Skip.CUSTOMER_UNREADABLE: Explained(
        "The customer's register entry could not be read.",
        "Give the Procountor user viewing rights to the customer register, or restore the customer; "
        "its next invoice fires, and a replay with the latest customers adds what was sent meanwhile.",
    ),
    Skip.INVOICE_UNREADABLE: Explained(
        "The invoice could not be read.",
        "Give the Procountor user viewing rights to sales invoices; its next status change fires.",
    ),
    Skip.NO_CONTACT_PERSON: Explained(
        "The customer has no contact person and no e-mail address.",
        "Add a contact person with e-mail to the customer in Procountor's register.",
    ),
    Skip.NO_EMAIL: Explained(
        "The contact person has no e-mail address.",
        "Add the e-mail to the contact person in Procountor's customer register.",
    ),
    Skip.INVALID_EMAIL: Explained(
        "The e-mail address is not valid.", "Correct the address in Procountor's customer register."
    ),
    Skip.ROLE_ADDRESS: Explained(
        "The address is a shared mailbox, such as laskutus@ or info@.",
        "Name a person with an address of their own in the register, or let shared mailboxes through in the settings.",
    ),
    Skip.OLD_INVOICE: Explained(
        "The invoice's own date is longer ago than the settings allow.",
        "An old invoice asks nobody by itself. A replay of what was skipped so sends it, or drops it (reach record).",
    ),
    Skip.BLOCKED: Explained(
        "The address or its domain is on the block list.", "Nothing to do, or take it off: ptm block remove."
    ),
    Skip.ALREADY_ADDED: Explained(
        "This invoice has added this contact to this destination already.", "Nothing to do: once per invoice is enough."
    ),
    Skip.COOL_DOWN: Explained(
        "This contact was added too recently.", "Nothing to do, or shorten the cool-down in the settings."
    ),
    Skip.MOVED: Explained(
        "Since the replay was planned the rules have changed, or the contact was added again.", "Plan the replay anew."
    ),
    Skip.NOT_SENT: Explained(
        "What was to put the contact on was never sent: there is nothing to take off.", "Nothing to do."
    ),
    Skip.ALREADY_OFF: Explained("The contact has been taken off already.", "Nothing to do."),
    Skip.RECORDED: Explained(
        "It would be added; the replay only records.", "Apply a plan with a higher reach to send it."
    ),
}

IN_REGISTER = frozenset({
    Skip.CUSTOMER_UNREADABLE, Skip.NO_CONTACT_PERSON, Skip.NO_EMAIL, Skip.INVALID_EMAIL, Skip.ROLE_ADDRESS,
})  # fmt: skip
"""What ends in Procountor's register: an invoice that was skipped for it needs a replay with the latest customers."""

WITHDRAWALS: Mapping[Withdrawal, Explained] = {
    Withdrawal.DELETED_THERE: Explained(
        "The contact was deleted in Trustmary and is not revived.",
        "Add the contact in Trustmary by hand if it should be back.",
    ),
    Withdrawal.NOT_ACTIVE: Explained(
        "The contact is not active in Trustmary (unsubscribed, bounced or the like).",
        "Respect it, or correct the contact in Trustmary.",
    ),
    Withdrawal.EXISTS: Explained(
        "Trustmary has the contact already and the trigger leaves it as it is.", "Nothing to do."
    ),
    Withdrawal.DECIDED_AGAIN: Explained(
        "The rules had changed while it waited; it was decided again.", "See the newer decision."
    ),
    Withdrawal.DROPPED: Explained("It was dropped when sending was resumed or a rule saved.", "A replay can send it."),
    Withdrawal.DISCARDED: Explained("An operator discarded it.", "A replay can send it."),
    Withdrawal.REMOVED: Explained("The integration was removed.", "Connect the company again; a replay can send it."),
    Withdrawal.BLOCKED: Explained(
        "The address or its domain was put on the block list while it waited.",
        "Nothing to do, or take it off: ptm block remove; a replay can send it.",
    ),
    Withdrawal.FIRST_STEP_FAILED: Explained(
        "The contact itself was not added, so its automation was not started.", "See the first step."
    ),
    Withdrawal.NOT_THERE: Explained("Trustmary has no contact with that address: it is on no list.", "Nothing to do."),
    Withdrawal.PUT_ON_AGAIN: Explained(
        "Something newer has put the contact on the list since: it stays on.", "Nothing to do."
    ),
}

CHECKED: Mapping[State, Explained] = {
    State.AS_SENT: Explained("Trustmary has it as it was sent.", "Nothing to do."),
    State.MISSING: Explained(
        "Trustmary knows no such contact any more.", "A replay can send it again: ptm replay plan shows it as new."
    ),
    State.DRIFTED: Explained(
        "Trustmary has other values than were sent; somebody may have corrected them there on purpose.",
        "Nothing to do if that is right; else a replay can send ours again: ptm replay plan shows it as changed.",
    ),
    State.DELETED: Explained(
        "The contact was deleted in Trustmary and is not revived.", "Add it in Trustmary by hand if it should be back."
    ),
    State.NOT_ACTIVE: Explained(
        "The contact is not active in Trustmary (unsubscribed, bounced or the like).",
        "Respect it, or correct the contact in Trustmary.",
    ),
}

PLANNED: Mapping[str, str] = {
    "outcome_unknown": "A call to add this contact had no answer and was given up: it may have arrived.",
    "newer_sent": "A newer invoice has put other values there since.",
    "other_trigger": "Another trigger of the plan sends this contact other values: apply, then plan again.",
    "erased_before": "Something was sent to this address for a person who was erased since.",
    "added_before": "It was added for this invoice before the company was removed and connected again.",
    "void": "The invoice has been invalidated or deleted since.",
    "not_chosen": "Whoever applied the plan left it out.",
    "beyond_reach": "It would only be added to what the reach leaves alone.",
    "waiting": "An earlier decision to add this contact still waits to be sent.",
    "erased": "The person was erased.",
    "held": "Something else has put the contact on it too: it stays on.",
    "held_elsewhere": "Another company has put the contact on it too: it stays on.",
    "only_contact": "It was put on no list: the contact stays in Trustmary, with what was written.",
    "automation": "An automation was started: what it sends cannot be taken back.",
    "dropped": "It waits to be sent still, and is dropped.",
    "new_not_delivered": "Its new address was not delivered: the old one stays where it is.",
}
"""What holds a contact of a replay back beside skips and withdrawals."""


def said(reason: str) -> str:
    """Any reason in words: of a skip, of a withdrawal, or of a replay's plan."""
    if reason in list(Skip):
        return SKIPS[Skip(reason)].says
    if reason in list(Withdrawal):
        return WITHDRAWALS[Withdrawal(reason)].says
    return PLANNED.get(reason, reason)
