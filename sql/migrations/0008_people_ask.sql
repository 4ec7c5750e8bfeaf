-- What people ask: what came of an address, who was refused, whose customer nobody could ask. Each index holds only the few
-- rows that it is asked for, so that what is written all the time pays next to nothing.

-- What was added and neither refused nor withdrawn is found by cooldown_latest.
create index delivery_not_added on delivery (contact_key) where state in ('refused', 'withdrawn');
create index delivery_refused on delivery (settled_at) where state = 'refused';
create index event_unasked on event (at) where type = 'ContactSkipped' and data ->> 'reason' in (
    'no_contact_person', 'no_email', 'invalid_email', 'role_address', 'customer_unreadable', 'invoice_unreadable'
);
