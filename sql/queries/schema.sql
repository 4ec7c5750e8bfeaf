-- name: take_turn
-- One migrator at a time in this database; the others wait, then find nothing left to do.
select pg_advisory_lock(7410351209);

-- name: make_ledger
create table if not exists migration (
    id text primary key,
    applied_at timestamptz not null default now()
);

-- name: grant_ledger
grant select on migration to ptm_worker;

-- name: has_ledger
select to_regclass('public.migration') is not null;

-- name: record_migration
-- Its place as the transaction's first statement makes it the lock, should the turn not have been taken.
insert into migration (id) values ($1) on conflict do nothing returning id;

-- name: list_applied
select id from migration order by id;

-- name: has_role
select exists (select from pg_roles where rolname = $1);

-- name: is_member
select pg_has_role($1::name, 'ptm_worker', 'member');

-- name: write_group
select format('create role %I nologin', $1::text);

-- name: write_grant
select format('grant ptm_worker to %I', $1::text);
