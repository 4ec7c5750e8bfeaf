-- name: list_tables
-- Every table with its columns and the tables it refers to. Left out are who the log is (a restore makes it another), which
-- schema it has (the head says it), and what only the running processes of this machine are concerned with.
select n.nspname as schema, c.relname as name,
       array(
           select a.attname::text from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
           order by a.attnum
       ) as columns,
       array(
           select distinct f.confrelid::regclass::text from pg_constraint f
           where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid
       ) as refers_to,
       c.oid::regclass::text as called
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname in ('public', 'vault')
  and (n.nspname, c.relname) not in (
      ('public', 'log'), ('public', 'migration'), ('public', 'worker'), ('public', 'login'), ('public', 'budget'),
      ('vault', 'token')
  )
order by n.nspname, c.relname;

-- name: read_origin
-- The transaction's first question: everything after it sees the same moment.
select (select id from log) as log, now() as taken_at, (select max(id) from migration) as schema,
       (select coalesce(max(id), 0) from vault.subject_key) as keys_upto;

-- name: read_heads
select partition, "position", hash from counter order by partition;

-- name: copy_erased
-- Whose keys are destroyed, without any key: a vault that is older than an erasure learns of it from the log's file.
select id, subject, created_at, destroyed_at from vault.subject_key where wrapped is null
