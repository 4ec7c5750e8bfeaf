-- name: take_budget
select granted, opens_ms, closes_ms from take_budget($1, $2, $3, $4, $5);

-- name: lease_due
-- Whose turn it is, longest due first, so that nobody starves; a dead worker's leases are due again when they end.
with due as (
    select ingest.integration
    from ingest
    join integration on integration.id = ingest.integration
    where ingest.due_at <= now()
        and (ingest.lease_until is null or ingest.lease_until <= now())
        and integration.state <> 'removed'
        and integration.procountor_secret is not null
    order by ingest.due_at
    limit $3
    for update of ingest skip locked
)
update ingest set
    lease_owner = $1,
    lease_until = now() + $2::interval,
    due_at = now() + $2::interval,
    fence = fence + 1
from due
join integration on integration.id = due.integration
left join connection on connection.integration = due.integration and connection.service = 'procountor'
where ingest.integration = due.integration
returning
    ingest.integration,
    ingest.fence,
    ingest.cursor,
    ingest.baseline,
    ingest.reading,
    ingest.reached,
    ingest.since,
    ingest.rate,
    extract(epoch from now() - ingest.rated_at)::double precision as rated_s,
    ingest.failures,
    ingest.failure,
    integration.partition,
    integration.procountor_secret,
    integration.configuration,
    integration.company_id,
    extract(epoch from now() - ingest.failing_since)::double precision as failing_s,
    connection.reason,
    connection.state is not distinct from 'broken' as broken;

-- name: lease_one
-- One integration's turn for who wants something of its own to read: as soon as nobody else has it.
update ingest set
    lease_owner = $2,
    lease_until = now() + $3::interval,
    due_at = now() + $3::interval,
    fence = fence + 1
from integration
left join connection on connection.integration = integration.id and connection.service = 'procountor'
where ingest.integration = $1 and integration.id = $1
    and (ingest.lease_until is null or ingest.lease_until <= now())
    and integration.state <> 'removed'
    and integration.procountor_secret is not null
returning
    ingest.integration,
    ingest.fence,
    ingest.cursor,
    ingest.baseline,
    ingest.reading,
    ingest.reached,
    ingest.since,
    ingest.rate,
    extract(epoch from now() - ingest.rated_at)::double precision as rated_s,
    ingest.failures,
    ingest.failure,
    integration.partition,
    integration.procountor_secret,
    integration.configuration,
    integration.company_id,
    extract(epoch from now() - ingest.failing_since)::double precision as failing_s,
    connection.reason,
    connection.state is not distinct from 'broken' as broken;

-- name: hand_back
-- Its turn as if nothing had been; due at once, since somebody may have waited.
update ingest set lease_owner = null, lease_until = null, due_at = now() where integration = $1 and fence = $2;

-- name: renew_lease
update ingest set lease_until = now() + $3::interval, due_at = now() + $3::interval
where integration = $1 and fence = $2
returning fence;

-- name: sum_weights
-- What all integrations' polls add up to; beside events.schedule.weight, whose floor $1 is.
select coalesce(sum(sqrt(greatest(ingest.rate, $1::double precision))), 0)
from ingest
join integration on integration.id = ingest.integration
where integration.state <> 'removed';

-- name: read_known
select invoice, status, change, old, created
from invoice
where integration = $1 and invoice = any($2::bigint[]);

-- name: write_invoices
insert into invoice (integration, invoice, number, partner, status, version, created, change, old, reread_at)
select $1, i.invoice, i.number, i.partner, i.status, i.version, i.created, i.change, i.old, now() + i.reread
from unnest(
    $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::boolean[],
    $10::interval[]
) as i (invoice, number, partner, status, version, created, change, old, reread)
on conflict (integration, invoice) do update set
    number = coalesce(excluded.number, invoice.number),
    partner = excluded.partner,
    status = excluded.status,
    version = excluded.version,
    created = excluded.created,
    change = excluded.change,
    old = excluded.old,
    changed_at = now(),
    reread_at = excluded.reread_at,
    rereads = 0;

-- name: note_unsent
-- Change 0: recorded by no event yet. The reading that follows records them, or what has become of them.
insert into invoice (integration, invoice, number, partner, status, version, created, change, old, reread_at)
select $1, i.invoice, i.number, i.partner, i.status, i.version, i.created, 0, false, now()
from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])
    as i (invoice, number, partner, status, version, created)
on conflict (integration, invoice) do nothing;

-- name: hold_lease
-- The fence: nobody who lost the lease writes behind the back of who has it, nor loses it before the commit.
select fence from ingest where integration = $1 and fence = $2 for update;

-- name: move_place
-- The fence again, and how far the reading came.
update ingest set cursor = $3, reading = $4, reached = $5, since = $6
where integration = $1 and fence = $2
returning fence;

-- name: release_good
update ingest set
    cursor = $3,
    reading = $4,
    reached = $5,
    since = $6,
    due_at = now() + $7::interval,
    interval_s = extract(epoch from $8::interval),
    rate = $9,
    rated_at = now(),
    lease_owner = null,
    lease_until = null,
    polled_at = now(),
    failures = 0,
    failing_since = null,
    failure = null
where integration = $1 and fence = $2
returning fence;

-- name: note_good
update connection set last_good_at = now()
where integration = $1 and service = 'procountor' and (last_good_at is null or last_good_at < now() - interval '15 seconds');

-- name: release_failed
update ingest set
    due_at = now() + $3::interval,
    lease_owner = null,
    lease_until = null,
    failures = failures + 1,
    failing_since = coalesce(failing_since, now()),
    failure = $4
where integration = $1 and fence = $2
returning fence;

-- name: break_connection
-- Only where it was whole, or broken for another reason.
insert into connection (integration, service, state, reason) values ($1, 'procountor', 'broken', $2)
on conflict (integration, service) do update set state = 'broken', reason = excluded.reason, since = now()
where connection.state <> 'broken' or connection.reason is distinct from excluded.reason
returning state;

-- name: restore_connection
-- Only where it was broken.
update connection set state = 'connected', reason = null, since = now(), last_good_at = now()
where integration = $1 and service = 'procountor' and state = 'broken'
returning state;

-- name: note_limit
-- Once in a while: every request draws from this row.
insert into budget (service, limited_at) values ('procountor', now())
on conflict (service) do update set limited_at = now()
where budget.limited_at is null or budget.limited_at < now() - interval '15 seconds';

-- name: is_limited
-- Procountor has said so, and has served nobody since.
select exists (
    select from budget b
    where b.service = 'procountor' and b.limited_at > now() - $1::interval
        and not exists (
            select from connection c where c.service = b.service and c.last_good_at > b.limited_at
        )
);

-- name: read_rereads
select invoice, status, change, old, created
from invoice
where integration = $1 and reread_at <= now()
order by reread_at
limit $2;

-- name: postpone_rereads
-- Each at its own pause: $3 doubled as often as it stayed the same, at most $4.
update invoice set
    reread_at = now() + least($3::interval * (1 << least(rereads + 1, 20)), $4::interval),
    rereads = rereads + 1
where integration = $1 and invoice = any($2::bigint[]);

-- name: give_back
-- A worker that stops leaves no lease behind.
update ingest set lease_owner = null, lease_until = null, due_at = now()
where lease_owner = $1;
