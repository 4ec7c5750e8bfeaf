-- name: count_waiting
-- What would be sent if nothing held it, what waits for a list that is gone included: the question that resuming and saving ask.
select count(distinct decision) as count, min(created_at) as since, count(*) filter (where starts_surveys) as surveys
from delivery
where integration = $1 and ($2::uuid is null or trigger = $2) and call <> 'unlist'
  and (state = 'waiting' or (state = 'parked' and starts_with(fingerprint, 'gone:')));

-- name: count_waiting_among
-- The same of several integrations together.
select count(distinct decision) as count, min(created_at) as since, count(*) filter (where starts_surveys) as surveys
from delivery
where integration = any($1::uuid[]) and call <> 'unlist'
  and (state = 'waiting' or (state = 'parked' and starts_with(fingerprint, 'gone:')));

-- name: lock_configuration
-- Behind the counter row, before the deliveries. Not against those who only refer to the row: ingest writes an invoice, which
-- does, and then waits for the counter row that is held here.
select configuration from integration where id = $1 for no key update;

-- name: write_configuration
-- The fold at the head of the log; a state only where the event changes it.
update integration set version = $2, configuration = $3, state = coalesce($4, state) where id = $1;

-- name: hold_waiting
-- Until the projector has taken them back, nothing that was asked to be decided again or dropped may leave; what it would
-- leave alone (a later step of something that has left) is left alone here too.
with held as (
    select d.id from delivery d
    where d.integration = $1 and ($2::uuid is null or d.trigger = $2) and d.state = 'waiting' and d.call <> 'unlist'
      and not exists (
          select from delivery s
          where s.decision = d.decision and s.id <> d.id
            and (s.state in ('attempting', 'delivered') or (s.state = 'parked' and not starts_with(s.fingerprint, 'gone:')))
      )
    order by d.id for update of d
)
update delivery set next_at = 'infinity' from held where delivery.id = held.id;

-- name: count_unsent
-- Decisions that a removal gives up.
select count(distinct decision) from delivery where integration = $1 and state in ('waiting', 'parked');

-- name: count_attempting
-- Calls that are under way.
select count(*) from delivery where integration = any($1::uuid[]) and state = 'attempting';

-- name: forget_secrets
-- A removed integration needs no credentials.
with gone as (
    update integration set procountor_secret = null, trustmary_secret = null
    from (select id, procountor_secret, trustmary_secret from integration where id = $1 for no key update) before
    where integration.id = before.id
    returning before.procountor_secret, before.trustmary_secret
)
delete from vault.secret
where id in (select procountor_secret from gone union select trustmary_secret from gone) or kind = 'webhook/' || $1;

-- name: blank_names
-- Erased with the keys.
update integration set names = $2 where id = $1;

-- name: stop_polling
-- Nothing is read for a removed integration.
delete from ingest where integration = $1;
