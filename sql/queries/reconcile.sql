-- name: schedule
-- Every active integration has a turn; those that have none yet get one somewhere in the coming interval, so that they are spread.
insert into reconciliation (integration, due_at)
select i.id, now() + random() * $1::interval
from integration i
where i.state = 'active' and not exists (select from reconciliation r where r.integration = i.id)
on conflict do nothing;

-- name: lease_due
-- Whose turn it is; a dead worker's leases are due again when they end. What only a person can mend is not tried. Of companies that
-- share an organization one at a time, the longest due first: they share its pace too.
with free as materialized (
    select distinct on (i.organization) r.integration
    from reconciliation r
    join integration i on i.id = r.integration
    where r.due_at <= now()
        and (r.lease_until is null or r.lease_until <= now())
        and i.state = 'active'
        and not exists (select from connection c where c.integration = i.id and c.state = 'broken')
        and not exists (
            select from reconciliation b
            join integration beside on beside.id = b.integration
            where beside.organization = i.organization and b.lease_until > now()
        )
    order by i.organization, r.due_at, r.integration
),
due as (
    select integration from reconciliation
    where integration in (select integration from free) and due_at <= now() and (lease_until is null or lease_until <= now())
    order by due_at
    limit $3
    for update skip locked
)
update reconciliation r set lease_owner = $1, lease_until = now() + $2::interval, fence = r.fence + 1
from due
where r.integration = due.integration
returning r.integration, r.fence;

-- name: lease_one
-- A person's turn: at once, whenever it is due, unless one is under way.
insert into reconciliation as r (integration, due_at, lease_owner, lease_until, fence)
values ($1, now(), $2, now() + $3::interval, 1)
on conflict (integration) do update set lease_owner = $2, lease_until = now() + $3::interval, fence = r.fence + 1
where r.lease_until is null or r.lease_until <= now()
returning r.integration, r.fence;

-- name: hold
-- The fence, and more time; none for what has been removed meanwhile.
update reconciliation set lease_until = now() + $3::interval
where integration = $1 and fence = $2 and exists (select from integration where id = $1 and state <> 'removed')
returning fence;

-- name: give_back
-- A worker that stops leaves no lease behind: its turns are due again.
update reconciliation set lease_owner = null, lease_until = null where lease_owner = $1;

-- name: finish
update reconciliation set
    lease_owner = null,
    lease_until = null,
    ended_at = now(),
    due_at = now() + $3::interval,
    days = $4,
    counts = $5,
    failure = $6
where integration = $1 and fence = $2;

-- name: put_off
-- Nothing is known of how far it came.
update reconciliation set lease_owner = null, lease_until = null, due_at = now() + $3::interval, failure = $4
where integration = $1 and fence = $2;

-- name: read_subject
-- What a reconciliation needs to know of its integration.
select i.partition, i.organization, i.state, i.procountor_secret, i.trustmary_secret, i.configuration, ingest.baseline,
    coalesce(ingest.reading, 'baseline') = 'baseline' as connecting
from integration i
left join ingest on ingest.integration = i.id
where i.id = $1;

-- name: read_last
select integration, ended_at, due_at, days, counts, failure, coalesce(lease_until > now(), false) as running
from reconciliation where integration = any($1::uuid[]);

-- name: read_known
-- What the log has of some invoices; *reread*: ingest looks at it again by itself.
select invoice, status, change, old, created, reread_at is not null as reread
from invoice where integration = $1 and invoice = any($2::bigint[]);

-- name: read_delivered
-- The newest delivery of each contact that was delivered since then.
select distinct on (d.contact_key) d.decision, d.partition, d.position
from delivery d
where d.integration = $1 and d.step = 1 and d.call <> 'unlist' and d.state = 'delivered' and d.settled_at >= $2
order by d.contact_key, d.settled_at desc, d.id desc;

-- name: read_unsettled
-- Of some deliveries, the ones whose contact something is on its way to, or was delivered to since, by whichever integration of the
-- organization: what Trustmary has then is not what these have sent.
select d.decision
from delivery d
join integration i on i.id = d.integration
where d.decision = any($1::uuid[]) and d.step = 1 and exists (
    select from integration o
    join cooldown c on c.integration = o.id and c.contact_key = d.contact_key
    join delivery n on n.decision = c.decision and n.step = 1
    where o.organization = i.organization and n.id <> d.id
        and (n.state in ('waiting', 'attempting') or (n.state = 'delivered' and n.settled_at > d.settled_at))
);

-- name: read_busy
-- Whether something is being sent to an organization: look-ups wait for that.
select exists (
    select from delivery d
    join integration i on i.id = d.integration
    where d.organization = $1 and d.state = 'waiting' and d.next_at <= now() and i.state = 'active'
) or exists (
    select from delivery d
    join integration i on i.id = d.integration and i.organization = $1
    where d.integration = i.id and d.state = 'attempting'
);

-- name: read_rest
-- Until when nothing is sent to an organization, since it failed or asked for rest.
select broken_until from lane where organization = $1 and broken_until > now();

-- name: read_checked
-- How some contacts were found the last time, by the decision that was delivered.
select distinct on (e.cause) e.partition, e.position
from event e
where e.partition = $1 and e.stream = any($2::text[]) and e.type = 'ContactChecked' and e.cause = any($3::uuid[])
order by e.cause, e.position desc;

-- name: find_not_as_sent
-- Contacts that were found missing or changed, and that nothing was delivered to since.
select d.integration, d.invoice, i.number, e.data ->> 'state' as state, e.at, e.partition, e.position
from event e
join delivery d on d.decision = e.cause and d.step = 1
left join invoice i on i.integration = d.integration and i.invoice = d.invoice
where e.type = 'ContactChecked' and e.at >= $1 and ($2::uuid is null or d.integration = $2)
    and e.data ->> 'state' in ('missing', 'drifted')
    and not exists (
        select from event l
        where l.partition = e.partition and l.stream = e.stream and l.type = 'ContactChecked' and l.cause = e.cause
            and l.position > e.position
    )
    and not exists (
        select from integration o
        join cooldown c on c.integration = o.id and c.contact_key = d.contact_key
        join delivery n on n.decision = c.decision and n.step = 1
        where o.organization = d.organization and n.state = 'delivered' and n.settled_at > d.settled_at
    )
order by e.at limit $3;

-- name: find_late
-- Changes that only a reconciliation found, which fire nothing by themselves, and which no replay has decided yet.
select e.partition, e.position
from event e
join invoice i on i.integration = (e.data ->> 'integration')::uuid and i.invoice = (e.data ->> 'invoice_id')::bigint
where e.type = 'InvoiceStatusChanged' and e.cause is not null and e.data ->> 'kind' = 'backfill' and e.at >= $1
    and ($2::uuid is null or i.integration = $2)
    and i.status <> all($3::text[])
    and not exists (
        select from event l
        where l.partition = e.partition and l.stream = e.stream and l.type in ('ContactAdded', 'ContactSkipped')
            and l.cause = e.id
    )
order by e.at limit $4;
