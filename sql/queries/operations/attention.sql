-- name: count_parked
-- What waits for a person, by cause.
select integration, fingerprint, count(*) as count, min(created_at) as oldest from delivery where state = 'parked'
group by integration, fingerprint order by count(*) desc;

-- name: read_paused
-- When each of these was paused last.
select w.integration, e.at
from unnest($1::uuid[]) as w (integration)
cross join lateral (
    select at from event
    where stream = 'integration/' || w.integration and type = 'IntegrationPaused'
    order by position desc limit 1
) e;

-- name: find_unsent
-- The newest picture of what waits to be sent, most lately changed first, at most $3 of one integration: what is not read again
-- any more cannot be sent.
select i.integration, e.partition, e.position
from unnest($1::uuid[]) as w (integration)
cross join lateral (
    select integration, invoice from invoice
    where invoice.integration = w.integration and reread_at is not null and status = any($2::text[]) and not old
    order by reread_at limit $3
) i
cross join lateral (
    select partition, position from event
    where stream = 'invoice/' || i.integration || '/' || i.invoice and type = 'InvoiceStatusChanged'
    order by position desc limit 1
) e
limit $4;

-- name: find_unasked
-- Skips that somebody can end in Procountor, newest first; the condition is the one of the index event_unasked.
select partition, position from event
where type = 'ContactSkipped' and data ->> 'reason' in (
    'no_contact_person', 'no_email', 'invalid_email', 'role_address', 'customer_unreadable', 'invoice_unreadable', 'old_invoice'
)
  and at >= $1 and ($2::text is null or split_part(stream, '/', 2) = $2)
order by at desc limit $3;

-- name: find_added_since
-- Which of these invoices the same trigger was to add somebody for after all.
select distinct d.integration, d.invoice, d.trigger
from unnest($1::uuid[], $2::bigint[], $3::uuid[]) as w (integration, invoice, trigger)
join delivery d on d.integration = w.integration and d.invoice = w.invoice and d.trigger = w.trigger
    and d.state <> 'withdrawn';

-- name: find_replayed
-- Which of these skips a replay has settled, by itself or by another invoice that leads to the same contact: it was to add
-- somebody after all, or has recorded what it would have done, by which a person drops an old invoice.
with w as (
    select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::boolean[])
        as w (integration, invoice, trigger, position, old)
)
select distinct w.integration, w.invoice, w.trigger
from replay r
join replay_item i on i.replay = r.id and i.decision is not null and i.takes_back is null
cross join lateral unnest(i.others || i.invoice) as o (invoice)
join w on w.integration = r.integration and w.trigger = i.trigger and w.invoice = o.invoice and w.position <= r.upto
left join delivery d on d.decision = i.decision and d.step = 1
where r.integration = any($1) and r.started_at >= $6 and (d.state <> 'withdrawn' or w.old and i.left_out = 'recorded');

-- name: find_refused
-- What Trustmary refused and nothing was sent for again since, newest first.
select d.integration, d.invoice, i.number, d.decision, d.step, d.settled_at
from delivery d
left join invoice i on i.integration = d.integration and i.invoice = d.invoice
where d.state = 'refused' and d.settled_at >= $1 and ($2::uuid is null or d.integration = $2)
  and not exists (
      select from delivery s
      where s.integration = d.integration and s.invoice = d.invoice and s.trigger = d.trigger and s.id > d.id
        and s.decision <> d.decision
  )
order by d.settled_at desc limit $3;
