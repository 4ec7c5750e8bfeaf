-- name: take_checkpoints
-- The fence: whoever holds a row decides the partition; others pass by. And of which release the database is.
select partition, position, hash, (select max(id) from migration) as migration
from checkpoint where partition = any($1::integer[]) order by partition for update skip locked;

-- name: move_checkpoints
-- Move with the decisions, in their transaction; over the decisions too, where nothing else stands before them (quietly of them).
update checkpoint c set position = m.position, hash = m.hash, moved_at = clock_timestamp()
from (
    select partition,
           case when counter.position = given.position + given.quietly then counter.position else given.position end as position,
           case when counter.position = given.position + given.quietly then counter.hash else given.hash end as hash
    from unnest($1::integer[], $2::bigint[], $3::bytea[], $4::bigint[]) as given (partition, position, hash, quietly)
    join counter using (partition)
) m
where c.partition = m.partition
returning c.partition, c.position, c.hash;

-- name: pass_over
-- Nothing to decide: moves from where we know them to stand, in one statement, unless somebody holds or moved them.
with free as materialized (
    select checkpoint.partition, given.position, given.hash
    from unnest($1::integer[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bytea[])
        as given (partition, position, hash, known, known_hash)
    join checkpoint on checkpoint.partition = given.partition
        and checkpoint.position = given.known and checkpoint.hash = given.known_hash
    where (select max(id) from migration) <= $6 -- else a newer release decides what this is
    order by checkpoint.partition
    for update of checkpoint skip locked
)
update checkpoint set position = free.position, hash = free.hash, moved_at = clock_timestamp()
from free
where checkpoint.partition = free.partition
returning checkpoint.partition;

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

-- name: read_used
-- All that the ledger holds of these candidates: triggers fired, targets reached, times of adding, blocks, the brake's tallies.
select 'fired' as what, d.integration, d.invoice, d.trigger as id, null::bytea as key, null::text as word,
    null::timestamptz as at, null::uuid as replay, null::bigint as position
from unnest($1::uuid[], $2::bigint[]) as w (integration, invoice)
join delivery d on d.integration = w.integration and d.invoice = w.invoice and not d.superseded
union all
select 'reached', a.integration, a.invoice, null, a.contact_key, a.target, null, null, null
from unnest($1::uuid[], $2::bigint[]) as w (integration, invoice)
join added a on a.integration = w.integration and a.invoice = w.invoice
union all
select 'added', c.integration, null, c.decision, c.contact_key, null, c.at, c.replay, c.position
from unnest($1::uuid[], $3::bytea[]) as w (integration, contact_key)
join cooldown c on c.integration = w.integration and c.contact_key = w.contact_key
where $5
union all
select 'blocked', integration, null, null, contact_key, domain, null, null, null
from block
where integration = any($1::uuid[]) and (domain is not null or contact_key = any($4::bytea[]))
union all
select 'tally', integration, null, null, null, tally::text, null, null, null
from tally
where integration = any($1::uuid[]);

-- name: write_decisions
-- Decisions into the log, a delivery a call, and what they use up: one statement, since it holds the partitions from its first
-- row to the commit. The unique indexes are the last word on "once"; a decision that is known already changes nothing.
-- Answers how many of a partition's are new.
with appended as materialized (
    select "partition", id, "position", outcome from append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
),
fresh as materialized (
    select "partition", id, "position" from appended where outcome <> 'known' -- written so that the planner expects many
),
made as materialized (
    select fresh.partition, fresh.position, m.*
    from unnest($12::uuid[], $13::uuid[], $14::text[], $15::uuid[], $16::uuid[], $17::bigint[], $18::bytea[], $19::text[],
        $20::text[], $21::boolean[], $22::uuid[], $23::uuid[], $24::timestamptz[]) as m (decision, integration, organization,
        cause, trigger, invoice, contact_key, calls, targets, starts_surveys, resend, replay, at)
    join fresh on fresh.id = m.decision
),
calls as (
    insert into delivery (integration, organization, partition, position, decision, cause, trigger, invoice, step, contact_key,
        call, starts_surveys, resend, replay, next_at)
    select m.integration, m.organization, m.partition, m.position, m.decision, m.cause, m.trigger, m.invoice, c.step,
           m.contact_key, c.call, m.starts_surveys, m.resend, m.replay is not null, now()
    from made m
    cross join lateral unnest(string_to_array(m.calls, E'\n')) with ordinality as c (call, step)
    order by m.partition, m.position, c.step
),
targets as (
    insert into added (decision, integration, invoice, contact_key, target, resend)
    select m.decision, m.integration, m.invoice, m.contact_key, t.target, m.resend
    from made m
    cross join lateral unnest(string_to_array(m.targets, E'\n')) as t (target)
    on conflict do nothing
),
times as (
    insert into cooldown (decision, integration, contact_key, at, replay, position)
    select decision, integration, contact_key, at, replay, position from made where at is not null
    on conflict do nothing
),
tallies as (
    insert into tally (integration, tally)
    select * from unnest($25::uuid[], $26::json[])
    on conflict (integration) do update set tally = excluded.tally
)
select "partition", count(*) filter (where outcome <> 'known') from appended group by "partition";

-- name: read_tally
-- How many contacts an integration has wanted lately.
select tally from tally where integration = $1;

-- name: write_tally
-- Sending resumes.
update tally set tally = $2 where integration = $1;

-- name: read_times
-- When the changes were recorded that led to some decisions.
select at from cooldown where decision = any($1::uuid[]);

-- name: lock_active
-- Behind the counter row, as an operator's save locks it; nothing where sending is stopped already.
select configuration from integration where id = $1 and state = 'active' for no key update;

-- name: write_paused
-- As an operator's pause leaves the row: from the commit on nothing leaves.
update integration set version = $2, configuration = $3, state = 'paused' where id = $1;

-- name: free_cooldown
-- Refused or withdrawn contacts do not count.
delete from cooldown where decision = any($1::uuid[]);

-- name: free_added
-- Decided again: what the first decision used up is free.
delete from added where decision = any($1::uuid[]);

-- name: lock_waiting
-- What waits, for its turn or for a list that is gone, oldest first, of decisions no call of which has left; behind the counter
-- row. Nothing that is locked just now is passed by: nobody would come back for it. A decision on what was seen before the event
-- ($3) may stand behind it in the log, if the projector was late; only what the event itself ($5) asked for is spared. What takes
-- off is no contact to be added.
select d.id
from delivery d
where d.integration = $1 and ($2::uuid is null or d.trigger = $2) and d.call <> 'unlist'
  and (d.state = 'waiting' or (d.state = 'parked' and starts_with(d.fingerprint, 'gone:')))
  and (d.position < $3 or not exists (
      select from event e
      where e.partition = d.partition and e.position = d.position and e.data ->> 'asked_by' = $5::uuid::text
  ))
  and not exists (
      select from delivery s
      where s.decision = d.decision and s.id <> d.id
        and (s.state in ('attempting', 'delivered') or (s.state = 'parked' and not starts_with(s.fingerprint, 'gone:')))
  )
order by d.id limit $4
for update of d;

-- name: read_waiting
-- What of the locked is still so: another call of the same decision may have left while they were waited for.
select d.id, d.decision, d.cause, d.trigger, d.partition, d.position, d.invoice, d.step, d.replay
from delivery d
where d.id = any($1::bigint[])
  and not exists (
      select from delivery s
      where s.decision = d.decision and s.id <> d.id
        and (s.state in ('attempting', 'delivered') or (s.state = 'parked' and not starts_with(s.fingerprint, 'gone:')))
  )
order by d.id;

-- name: withdraw
-- They will not be sent; superseded ones leave their place to a newer decision.
update delivery set state = 'withdrawn', settled_at = now(), fingerprint = null, superseded = $2::uuid is not null,
    taken_back_by = $2
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

-- name: answer_replay
-- What became of the items that a replay asked for: the decision, and the reason where nothing is sent.
update replay_item set decision = a.decision, left_out = a.reason
from unnest($2::integer[], $3::uuid[], $4::text[]) as a (number, decision, reason)
where replay_item.replay = $1 and replay_item.number = a.number;

-- name: read_recalled
-- The changes that replays had decided again, the register entries that they looked at and what they took back, for the proof.
select (item ->> 'cause')::uuid as id
from event cross join lateral json_array_elements(data -> 'items') as item
where partition = $1 and type = 'ReplayAsked'
union
select (item ->> 'customer')::uuid
from event cross join lateral json_array_elements(data -> 'items') as item
where partition = $1 and type = 'ReplayAsked' and item ->> 'customer' is not null
union
select (item ->> 'takes_back')::uuid
from event cross join lateral json_array_elements(data -> 'items') as item
where partition = $1 and type = 'ReplayAsked' and item ->> 'takes_back' is not null;

-- name: read_fates
-- What has become of decisions to add, and of what takes them back: in the streams of their invoices, before a position; what the
-- projector itself has decided counts wherever it stands.
select "position" from event
where partition = $1 and stream = any($2::text[]) and type = any($4::text[]) and ("position" < $3 or type = 'ContactUnlisted')
order by "position";

-- name: read_added
-- Who was added and counts, in the order of deciding.
select contact_key, decision, at, replay from cooldown
where integration = $1 and contact_key = any($2::bytea[]) order by "position";
