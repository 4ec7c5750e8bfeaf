-- Reconciliation: once a week each active integration's invoices and contacts are held against Procountor and Trustmary.

create table reconciliation (
    integration uuid primary key references integration,
    due_at timestamptz not null default now(),
    lease_owner uuid,
    lease_until timestamptz,
    fence bigint not null default 0,
    ended_at timestamptz,
    days integer,
    counts json,
    failure text
) with (fillfactor = 70);
create index reconciliation_due on reconciliation (due_at);
comment on column reconciliation.counts is 'what the last one found: how many of what';
comment on column reconciliation.failure is 'why the last one could not look at everything; null: it could';

grant select, insert, update, delete on reconciliation to ptm_worker;

-- What was found and is still so, for those who ask what waits. Only a reconciliation gives a change of an invoice a cause.
create index event_checked on event (at) where type = 'ContactChecked';
create index event_found_late on event (at) where type = 'InvoiceStatusChanged' and cause is not null;
