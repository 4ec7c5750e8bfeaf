-- The brake: what an integration has wanted lately, and invoices that were too old to ask about.

create table tally (
    integration uuid primary key,
    tally json not null
) with (fillfactor = 50);
comment on table tally is 'contacts to be added by hour and day as of the checkpoint (events/brake.py); holds no person';
grant select, insert, update, delete on tally to ptm_worker;

drop index event_unasked;
create index event_unasked on event (at) where type = 'ContactSkipped' and data ->> 'reason' in (
    'no_contact_person', 'no_email', 'invalid_email', 'role_address', 'customer_unreadable', 'invoice_unreadable', 'old_invoice'
);
