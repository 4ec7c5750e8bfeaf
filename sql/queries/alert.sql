-- name: find_lasting
-- States that have lasted for $1 and that a recipient does not know of yet: not at all, of another reason, or as over.
select t.integration, t.about, t.key, t.deliveries, t.since, r.value as recipient
from trouble t
join integration i on i.id = t.integration
cross join lateral json_array_elements(i.configuration -> 'recipients') r
left join alert a on a.integration = t.integration and a.recipient = (r.value ->> 'id')::uuid and a.about = t.about
where t.since <= now() - $1::interval and (a.id is null or a.over_at is not null or a.key <> t.key)
order by t.since limit 20000;

-- name: find_unsummed
-- Whose summary of the week $1, which ended at $2, is not written down yet.
select i.id as integration, $1 as about, '' as key, null::bigint as deliveries, $2::timestamptz as since, r.value as recipient
from integration i
cross join lateral json_array_elements(i.configuration -> 'recipients') r
where i.state <> 'removed' and i.connected_at < $2 and r.value ->> 'channel' = 'email'
    and not exists (
        select from alert a where a.integration = i.id and a.recipient = (r.value ->> 'id')::uuid and a.about = $1
    );

-- name: write_alerts
-- In one order, so that two workers who find the same wait for each other and the second finds nothing left to write.
with boxes as (
    insert into mailbox (id) select distinct box from unnest($7::bytea[]) box order by box
    on conflict do nothing
)
insert into alert as a (integration, recipient, about, key, deliveries, since, mailbox)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::bytea[])
order by 1, 2, 3
on conflict (integration, recipient, about) do update set
    key = excluded.key,
    deliveries = excluded.deliveries,
    since = excluded.since,
    mailbox = excluded.mailbox,
    told_at = null,
    over_at = null
where a.over_at is not null or a.key <> excluded.key;

-- name: end_alerts
-- What has no such state any more. Nobody is waited for: who holds a row is just about to change it.
with over as (
    select a.id from alert a
    where a.over_at is null and a.about not like 'week/%'
        and not exists (select from trouble t where t.integration = a.integration and t.about = a.about)
    order by a.id for update of a skip locked
)
update alert a set over_at = now() from over where a.id = over.id;

-- name: forget_weeks
-- Summaries of weeks before $1: what was not written by then is no news.
delete from alert where about like 'week/%' and about < $1;

-- name: lease
-- Addresses with letters to leave, the longest due first; a dead worker's leases are due again when they end.
with due as (
    select m.id from mailbox m
    where m.due_at <= now() and (m.lease_until is null or m.lease_until <= now())
        and exists (select from alert a where a.mailbox = m.id and (a.told_at is null or a.over_at is not null))
    order by m.due_at limit $3 for update of m skip locked
)
update mailbox m set lease_owner = $1, lease_until = now() + $2::interval, fence = m.fence + 1
from due where m.id = due.id
returning m.id, m.fence, m.failures;

-- name: hold
-- The fence, and more time.
update mailbox set lease_until = now() + $3::interval where id = $1 and fence = $2 returning fence;

-- name: give_back
-- A worker that stops leaves no lease behind.
update mailbox set lease_owner = null, lease_until = null where lease_owner = $1;

-- name: read_letters
-- What is to leave for an address.
select a.id, a.integration, a.recipient, a.about, a.key, a.deliveries, a.since, a.told_at, a.over_at,
    i.partition, i.company_id, i.names, i.state, i.configuration -> 'recipients' as recipients
from alert a
join integration i on i.id = a.integration
where a.mailbox = $1 and (a.told_at is null or a.over_at is not null)
order by a.id;

-- name: mark_told
-- The letter has left. What has become another state meanwhile is told too.
with told as (
    select a.id from unnest($1::bigint[], $2::timestamptz[]) as w (id, since)
    join alert a on a.id = w.id and a.since = w.since and a.told_at is null
    order by a.id for update of a
)
update alert a set told_at = now() from told where a.id = told.id;

-- name: remove
-- Told as over, or nobody's any more. What has begun again meanwhile stays.
with gone as (
    select a.id from unnest($1::bigint[], $2::timestamptz[]) as w (id, since)
    join alert a on a.id = w.id and a.since = w.since
    order by a.id for update of a
)
delete from alert a using gone where a.id = gone.id;

-- name: finish
update mailbox set
    lease_owner = null,
    lease_until = null,
    due_at = now() + $3::interval,
    failures = case when $4::text is null then 0 else failures + 1 end,
    failing_since = case when $4::text is null then null else coalesce(failing_since, now()) end,
    failure = $4
where id = $1 and fence = $2;

-- name: find_place
-- The last position of some partitions before a moment: time never runs backwards along positions.
with recursive search (partition, low, high) as (
    select partition, 0::bigint, "position" from counter where partition = any($1::integer[])
    union all
    select s.partition, case when e.at < $2 then e."position" else s.low end,
        case when e.at < $2 then s.high else e."position" - 1 end
    from search s
    join event e on e.partition = s.partition and e."position" = (s.low + s.high + 1) / 2
    where s.low < s.high
)
select partition, low as "position" from search where low = high;

-- name: count_week
-- What the log says of some integrations between two places of it; the operators are those of the index.
select w.integration, e.type, e.said, count(distinct e.stream) as invoices
from unnest($1::uuid[], $2::integer[], $3::bigint[], $4::bigint[]) as w (integration, partition, after, upto)
cross join lateral (
    select type, stream, case
        when type = 'InvoiceStatusChanged' then json_build_object(
            'before', data -> 'before', 'after', data -> 'after', 'kind', data -> 'kind',
            'invoice', json_build_object('invoiceChannel', data -> 'invoice' -> 'invoiceChannel')
        )::text
        else data ->> 'reason'
    end as said
    from event
    where partition = w.partition and "position" > w.after and "position" <= w.upto
        and stream ~>=~ ('invoice/' || w.integration || '/') and stream ~<~ ('invoice/' || w.integration || '0')
        and (
            type = 'InvoiceStatusChanged'
            or (type in ('ContactSkipped', 'ContactWithdrawn') and data ->> 'replay' is null)
        )
) e
group by w.integration, e.type, e.said;

-- name: count_deliveries
-- Contacts that were added or refused between two moments, and what is parked or held by the brake now.
select w.integration,
    (
        select count(distinct d.decision) from delivery d
        where d.integration = w.integration and d.state = 'delivered' and d.call <> 'unlist'
            and d.settled_at >= $2 and d.settled_at < $3
    ) as added,
    (
        select count(distinct d.decision) from delivery d
        where d.integration = w.integration and d.state = 'refused' and d.settled_at >= $2 and d.settled_at < $3
    ) as refused,
    (select count(*) from delivery d where d.integration = w.integration and d.state = 'parked') as parked,
    case when i.state = 'paused' and i.configuration ->> 'braked' is not null then (
        select count(distinct d.decision) from delivery d
        where d.integration = w.integration and d.state = 'waiting' and d.call <> 'unlist'
    ) else 0 end as braked
from unnest($1::uuid[]) as w (integration)
join integration i on i.id = w.integration;
