-- name: take_checkpoint
-- The fence: whoever holds the row decides the partition; others pass by.
select position, hash from checkpoint where partition = $1 for update skip locked;

-- name: move_checkpoint
-- Moves with the decisions, in their transaction.
update checkpoint set position = $2, hash = $3, moved_at = clock_timestamp() where partition = $1;

-- name: peek_checkpoint
-- Where healing starts to read; the lock comes later.
select position from checkpoint where partition = $1;

-- name: read_rules
-- The rules in force at the checkpoint.
select rules from rules where integration = any($1::uuid[]);

-- name: write_rules
-- The fold after a configuration event.
insert into rules (integration, version, rules) values ($1, $2, $3)
on conflict (integration) do update set version = excluded.version, rules = excluded.rules;

-- name: write_block
-- The block list as of the checkpoint.
insert into block (integration, contact_key, domain, event) values ($1, $2, $3, $4) on conflict do nothing;

-- name: remove_block
-- The address or domain may be added again.
delete from block where integration = $1 and contact_key is not distinct from $2 and domain is not distinct from $3;

-- name: read_fired
-- Triggers that an invoice has used up.
select d.integration, d.invoice, d.trigger
from unnest($1::uuid[], $2::bigint[]) as w (integration, invoice)
join delivery d on d.integration = w.integration and d.invoice = w.invoice and not d.superseded;

-- name: read_reached
-- What an invoice has added to, whichever trigger.
select a.integration, a.invoice, a.contact_key, a.target
from unnest($1::uuid[], $2::bigint[]) as w (integration, invoice)
join added a on a.integration = w.integration and a.invoice = w.invoice;

-- name: read_added_at
-- When each contact was added and not refused, for the cool-down.
select c.integration, c.contact_key, c.decision, c.at
from unnest($1::uuid[], $2::bytea[]) as w (integration, contact_key)
join cooldown c on c.integration = w.integration and c.contact_key = w.contact_key;

-- name: read_blocked
-- Blocked addresses among the candidates, and all blocked domains of their integrations.
select integration, contact_key, domain from block
where integration = any($1::uuid[]) and (domain is not null or contact_key = any($2::bytea[]));

-- name: insert_deliveries
-- One row a call; the unique index is the last word on "once".
insert into delivery (integration, organization, partition, position, decision, cause, trigger, invoice, step, contact_key,
    call, starts_surveys, next_at)
select *, now() from unnest($1::uuid[], $2::text[], $3::integer[], $4::bigint[], $5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[],
    $9::smallint[], $10::bytea[], $11::text[], $12::boolean[]);

-- name: insert_added
-- Each target of a contact is used up once.
insert into added (integration, invoice, contact_key, target, decision)
select * from unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::text[], $5::uuid[]) on conflict do nothing;

-- name: insert_cooldown
-- The contact was added now.
insert into cooldown (integration, contact_key, at, decision)
select * from unnest($1::uuid[], $2::bytea[], $3::timestamptz[], $4::uuid[]) on conflict do nothing;

-- name: free_cooldown
-- Refused or withdrawn contacts do not count.
delete from cooldown where decision = any($1::uuid[]);

-- name: free_added
-- Decided again: what the first decision used up is free.
delete from added where decision = any($1::uuid[]);

-- name: lock_waiting
-- What waits, oldest first, of decisions no call of which has left; behind the counter row. Nothing that is locked just now
-- is passed by: nobody would come back for it. A decision on what was seen before the event ($3) may stand behind it in the
-- log, if the projector was late; only what the event itself ($5) asked for is spared.
select d.id
from delivery d
where d.integration = $1 and ($2::uuid is null or d.trigger = $2) and d.state = 'waiting'
  and (d.position < $3 or not exists (
      select from event e
      where e.partition = d.partition and e.position = d.position and e.data ->> 'asked_by' = $5::uuid::text
  ))
  and not exists (
      select from delivery s
      where s.decision = d.decision and s.state in ('attempting', 'delivered', 'parked') and s.id <> d.id
  )
order by d.id limit $4
for update of d;

-- name: read_waiting
-- What of the locked is still so: another call of the same decision may have left while they were waited for.
select d.id, d.decision, d.cause, d.trigger, d.partition, d.position, d.invoice, d.step
from delivery d
where d.id = any($1::bigint[])
  and not exists (
      select from delivery s
      where s.decision = d.decision and s.state in ('attempting', 'delivered', 'parked') and s.id <> d.id
  )
order by d.id;

-- name: withdraw
-- They will not be sent; superseded ones leave their place to a newer decision.
update delivery set state = 'withdrawn', settled_at = now(), superseded = $2::uuid is not null, taken_back_by = $2
where id = any($1::bigint[]);

-- name: take_taken_back
-- Decisions to be made again, in the order in which they were made first; each is handed out once.
with taken as (
    update delivery set taken_back_by = null
    where id in (select id from delivery where taken_back_by = $1 order by id limit $2)
    returning id, decision, cause, trigger, step
)
select cause, trigger from taken where step = 1 order by id;

-- name: read_withdrawn
-- What was not sent after all, for the proof of decisions made again.
select type, schema, data from event where partition = $1 and type = 'ContactWithdrawn' order by position;
