-- name: count_sealed
-- What is sealed under which master key: a blob names its key (worker/adapters/sealing.py).
select 'person' as kind, encode(substr(wrapped, 2, 4), 'hex') as key, count(*) as count
from vault.subject_key where wrapped is not null group by 2
union all
select 'secret', encode(substr(sealed, 2, 4), 'hex'), count(*) from vault.secret group by 2
union all
select 'name', encode(substr(names, 2, 4), 'hex'), count(*) from integration group by 2
union all
select 'replay', encode(substr(about, 2, 4), 'hex'), count(*) from replay group by 2
union all
select 'login', encode(substr(sealed, 2, 4), 'hex'), count(*)
from login cross join lateral unnest(array[code, company]) as each (sealed) where sealed is not null group by 2;

-- name: list_person
select id, subject, wrapped as sealed from vault.subject_key
where id > $1 and wrapped is not null and substr(wrapped, 2, 4) <> $2
order by id limit $3;

-- name: write_person
-- Where it is still what was opened: it may have been destroyed meanwhile. Waits for nobody; the next round comes back for it.
with locked as materialized (
    select id from vault.subject_key where id = any($1::bigint[]) order by id for update skip locked
)
update vault.subject_key set wrapped = given.fresh
from unnest($1::bigint[], $2::bytea[], $3::bytea[]) as given (id, stale, fresh)
join locked using (id)
where subject_key.id = given.id and subject_key.wrapped = given.stale;

-- name: list_secret
select id, sealed from vault.secret
where id > $1 and substr(sealed, 2, 4) <> $2
order by id limit $3;

-- name: write_secret
-- The value is as it was: when it changed stays, too.
with locked as materialized (
    select id from vault.secret where id = any($1::uuid[]) order by id for update skip locked
)
update vault.secret set sealed = given.fresh
from unnest($1::uuid[], $2::bytea[], $3::bytea[]) as given (id, stale, fresh)
join locked using (id)
where secret.id = given.id and secret.sealed = given.stale;

-- name: list_name
select id, names as sealed from integration
where id > $1 and substr(names, 2, 4) <> $2
order by id limit $3;

-- name: write_name
with locked as materialized (
    select id from integration where id = any($1::uuid[]) order by id for no key update skip locked
)
update integration set names = given.fresh
from unnest($1::uuid[], $2::bytea[], $3::bytea[]) as given (id, stale, fresh)
join locked using (id)
where integration.id = given.id and integration.names = given.stale;

-- name: list_replay
select id, about as sealed from replay
where id > $1 and substr(about, 2, 4) <> $2
order by id limit $3;

-- name: write_replay
with locked as materialized (
    select id from replay where id = any($1::uuid[]) order by id for no key update skip locked
)
update replay set about = given.fresh
from unnest($1::uuid[], $2::bytea[], $3::bytea[]) as given (id, stale, fresh)
join locked using (id)
where replay.id = given.id and replay.about = given.stale;

-- name: list_code
select state as id, code as sealed from login
where state > $1 and code is not null and substr(code, 2, 4) <> $2
order by state limit $3;

-- name: write_code
with locked as materialized (
    select state from login where state = any($1::bytea[]) order by state for update skip locked
)
update login set code = given.fresh
from unnest($1::bytea[], $2::bytea[], $3::bytea[]) as given (state, stale, fresh)
join locked using (state)
where login.state = given.state and login.code = given.stale;

-- name: list_company
select state as id, company as sealed from login
where state > $1 and company is not null and substr(company, 2, 4) <> $2
order by state limit $3;

-- name: write_company
with locked as materialized (
    select state from login where state = any($1::bytea[]) order by state for update skip locked
)
update login set company = given.fresh
from unnest($1::bytea[], $2::bytea[], $3::bytea[]) as given (state, stale, fresh)
join locked using (state)
where login.state = given.state and login.company = given.stale;

-- name: list_holders
-- The workers that are there, and the keys that they have; $1: seconds since their last sign of life.
select id, host, pid, keys from worker where seen_at > now() - make_interval(secs => $1) order by started_at, id;
