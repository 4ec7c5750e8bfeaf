-- name: write_role_statement
-- The statement that makes a login role, or null where it is there: a role's name and password take no parameters.
select format('create role %I login password %L', $1::text, $2::text)
where not exists (
  select
  from pg_roles
  where rolname = $1
)

-- name: write_group_statement
-- The statement that makes a role nobody logs in as, or null where it is there.
select format('create role %I nologin', $1::text)
where not exists (
  select
  from pg_roles
  where rolname = $1
)

-- name: write_database_statement
-- The statement that makes the database, or null where it is there: it cannot run inside a function.
select format('create database %I owner %I', $1::text, $2::text)
where not exists (
  select
  from pg_database
  where datname = $1
)
