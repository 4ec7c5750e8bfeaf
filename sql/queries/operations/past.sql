-- name: find_by_number
-- Companies may share a number.
select i.integration, i.invoice, i.number, i.partner, i.status, i.old, i.changed_at
from invoice i
where i.number = $1 and ($2::uuid[] is null or i.integration = any($2))
order by i.changed_at desc limit 20;

-- name: find_by_id
-- Procountor's own id, which is unique in a company only: one look-up an integration.
select i.integration, i.invoice, i.number, i.partner, i.status, i.old, i.changed_at
from integration g join invoice i on i.integration = g.id and i.invoice = $1
where $2::uuid[] is null or g.id = any($2)
order by i.changed_at desc limit 20;

-- name: find_by_contact
-- The invoices that ever were to add a contact, newest first: what stands by the cool-down's memory, and what was not added
-- after all, which it forgets.
select d.integration, d.invoice, i.number, i.status, i.changed_at
from (
    select m.integration, m.invoice, max(m.id) as newest
    from (
        select d.integration, d.invoice, d.id from unnest($1::uuid[], $2::bytea[]) as w (integration, contact_key)
        join cooldown c on c.integration = w.integration and c.contact_key = w.contact_key
        join delivery d on d.decision = c.decision
        union all
        select d.integration, d.invoice, d.id from unnest($1::uuid[], $2::bytea[]) as w (integration, contact_key)
        join delivery d on d.contact_key = w.contact_key and d.integration = w.integration
            and d.state in ('refused', 'withdrawn')
    ) m
    group by m.integration, m.invoice
    order by newest desc limit $3
) d
left join invoice i on i.integration = d.integration and i.invoice = d.invoice
order by d.newest desc;

-- name: find_blocks
-- Who keeps an address, or its domain, from being added.
select b.integration, b.domain, b.event
from unnest($1::uuid[], $2::bytea[]) as w (integration, contact_key)
join block b on b.integration = w.integration and (b.contact_key = w.contact_key or b.domain = $3);

-- name: find_by_customer
-- The invoices of a customer, by the customer's number in the register, most lately changed first.
select integration, invoice from invoice
where partner = any($1::bigint[]) and ($2::uuid[] is null or integration = any($2))
order by changed_at desc limit $3;

-- name: read_checkpoint
-- How far a partition was decided.
select position from checkpoint where partition = $1;

-- name: read_head
-- The newest event of a partition.
select position from counter where partition = $1;

-- name: find_past
-- The invoice events of one integration, in order; the operators are those of the index, whatever the collation. What a change
-- says is parsed once for both questions: it is most of what this takes.
select "position" from event
where partition = $1 and stream ~>=~ $2 and stream ~<~ $3 and "position" > $4 and "position" <= $5
  and ($6::text[] is null or type = any($6))
  and ($7::timestamptz is null or at >= $7) and ($8::timestamptz is null or at < $8)
  and case
      when $9::text[] is null then true
      else (
          select after = any($9) or coalesce(before, '') || '>' || after = any($10)
          from json_to_record(data) as said (before text, after text)
      )
  end
order by "position";

-- name: read_causes
-- Where the changes stand that contacts were added for.
select e.cause as id, c.position, c.at from event e join event c on c.id = e.cause
where e.partition = $1 and e.stream ~>=~ $2 and e.stream ~<~ $3 and e.position <= $4 and e.type = 'ContactAdded';

-- name: read_replayed_causes
-- What says when a change happened, of those that a replay has added contacts for: whatever else was, was seen live.
select c.id, c.position, c.at, said.*
from (select distinct cause from delivery where integration = $1 and replay) d
join event c on c.id = d.cause and c.type = 'InvoiceStatusChanged'
cross join json_to_record(c.data) as said (kind text, old boolean, before text, created text, version text);

-- name: read_used_beside
-- What a draft would have found used up of these invoices and contacts: by the trigger whose place it takes ($2) up to a position
-- ($3), by the others whenever. By the position of the change that led to it, which is when it counts, however late it was decided.
select d.trigger, d.invoice, null::bytea as key, null::text as target, null::timestamptz as at, d.decision, e.position
from unnest($4::bigint[]) as w (invoice)
join delivery d on d.integration = $1 and d.invoice = w.invoice and d.trigger = $2 and d.step = 1 and not d.superseded
join event e on e.id = d.cause
where e.position <= $3
union all
select d.trigger, a.invoice, a.contact_key, a.target, null, d.decision, e.position
from unnest($4::bigint[]) as w (invoice)
join added a on a.integration = $1 and a.invoice = w.invoice
join delivery d on d.decision = a.decision and d.step = 1
join event e on e.id = d.cause
where d.trigger <> $2 or e.position <= $3
union all
select d.trigger, d.invoice, c.contact_key, null, c.at, d.decision, e.position
from unnest($5::bytea[]) as w (contact_key)
join cooldown c on c.integration = $1 and c.contact_key = w.contact_key
join delivery d on d.decision = c.decision and d.step = 1
join event e on e.id = d.cause
where d.trigger <> $2 or e.position <= $3;

-- name: read_numbers
-- The numbers that people know some invoices by, as far as they have one.
select invoice, number from invoice where integration = $1 and invoice = any($2::bigint[]) and number is not null;
