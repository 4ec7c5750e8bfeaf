-- name: read_use
-- Whether anything was ever kept here.
select exists (select from event) or exists (select from integration) or exists (select from vault.secret)
    or exists (select from vault.subject_key);

-- name: make_room
-- What migrating has filled by itself.
with cursors as (delete from relay), places as (delete from checkpoint)
select;

-- name: clear_counters
delete from counter;

-- name: make_erased
create temporary table erased (
    id bigint not null, subject text not null, created_at timestamptz not null, destroyed_at timestamptz not null
) on commit drop;

-- name: count_to_erase
-- Keys that the vault's file brings back although the log's tells of their end.
select count(*) from vault.subject_key join erased using (id) where wrapped is not null;

-- name: erase_again
update vault.subject_key set wrapped = null, destroyed_at = erased.destroyed_at
from erased
where subject_key.id = erased.id and subject_key.wrapped is not null;

-- name: fill_in_erased
-- Made and destroyed after the vault's file: what they sealed is erased, not damaged.
insert into vault.subject_key (id, subject, wrapped, created_at, destroyed_at)
overriding system value
select id, subject, null, created_at, destroyed_at from erased
on conflict (id) do nothing;

-- name: drop_orphans
-- Credentials that the log's file no longer names: of what was removed or reconnected after the vault's file.
delete from vault.secret
where kind in ('procountor', 'trustmary')
  and not exists (select from integration where secret.id in (integration.procountor_secret, integration.trustmary_secret))
  and not exists (select from activation where activation.secret = secret.id)
returning id;

-- name: count_without_secret
-- Integrations whose credentials the vault's file does not have yet.
select count(*) from integration
where exists (
    select from unnest(array[procountor_secret, trustmary_secret]) as named (id)
    where named.id is not null and not exists (select from vault.secret where secret.id = named.id)
);

-- name: count_without_key
-- Persons' keys that the log's file knows of and the vault's does not.
select greatest(0, $1 - coalesce(max(id), 0)) from vault.subject_key;

-- name: read_contact_key
select id, sealed from vault.secret where kind = 'contact_key';

-- name: needs_contact_key
select exists (select from delivery) or exists (select from block where contact_key is not null);

-- name: read_sealed
-- One key of a person, to try the master key on.
select subject, wrapped from vault.subject_key where wrapped is not null order by id desc limit 1;

-- name: move_delivery_ids
select setval(pg_get_serial_sequence('delivery', 'id'), (select coalesce(max(id), 0) + 1 from delivery), false);

-- name: move_alert_ids
select setval(pg_get_serial_sequence('alert', 'id'), (select coalesce(max(id), 0) + 1 from alert), false);

-- name: move_key_ids
-- Beyond every key that an event may name, also one that the vault's file does not have: no new key may open as an old one.
select setval(
    pg_get_serial_sequence('vault.subject_key', 'id'),
    (select greatest($1, coalesce(max(id), 0)) + 1 from vault.subject_key),
    false
);

-- name: change_log
-- From here on it is another log: what Kafka was told of the former one is foreign to it.
update log set id = gen_random_uuid() returning id;

-- name: rewind_relay
update relay set "position" = 0;

-- name: free_ingest
-- What failed for the former machine need not fail here.
update ingest set lease_owner = null, lease_until = null, failures = 0, failing_since = null, failure = null,
    due_at = now(), polled_at = null;

-- name: free_lanes
update lane set lease_owner = null, lease_until = null, failures = 0, failing_since = null, broken_until = null,
    due_at = now();

-- name: free_reconciliations
update reconciliation set lease_owner = null, lease_until = null;

-- name: free_mailboxes
update mailbox set lease_owner = null, lease_until = null, failures = 0, failing_since = null, failure = null, due_at = now();

-- name: stop_replays
-- What one had sent after the backup the log does not know: going on is for a person to say, and a plan is made anew.
with dropped as (
    update replay set state = 'cancelled', ended_at = now() where state = 'planned'
)
update replay set state = 'paused' where state = 'running' returning id;

-- name: hold_sending
-- One that was held when the backup was taken is not known of since the earlier one.
insert into restored (integration, taken_at)
select id, $1 from integration where state <> 'removed'
on conflict (integration) do update
set taken_at = case when restored.released_at is null then least(restored.taken_at, excluded.taken_at)
                    else excluded.taken_at end,
    restored_at = now(), released_at = null, released_by = null
returning integration, taken_at, (select partition from integration where integration.id = restored.integration);

-- name: read_actor
select session_user;

-- name: analyze
analyze;
