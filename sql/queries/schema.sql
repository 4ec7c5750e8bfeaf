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

-- name: hold_deciding
-- Who decides is waited for, and who comes later waits here and then sees the newer release: none decides by the rules of an
-- older one what this one has written.
do $$ begin
    if to_regclass('public.checkpoint') is not null then
        lock table checkpoint in exclusive mode;
    end if;
end $$;

-- name: tell_workers
-- With the commit: who is of an older release stops.
notify ptm_schema;

-- name: read_newest
-- Of which release the database is.
select max(id) from migration;

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
