-- The roles, for a DBA or a container's first start: as a superuser, in the database that is to hold the log,
--   PTM_OWNER_PASSWORD=… PTM_WORKER_PASSWORD=… psql -v ON_ERROR_STOP=1 -f sql/roles.sql DATABASE
-- The owner migrates. The worker reads and calls functions; what it may do beyond that, the migrations grant.
\set ON_ERROR_STOP on
\getenv owner_password PTM_OWNER_PASSWORD
\getenv worker_password PTM_WORKER_PASSWORD

create role ptm_owner login password :'owner_password';
create role ptm_worker login password :'worker_password';
-- Whoever is to look and change nothing gets a login in it: create role NAME login password '…' in role ptm_reader;
create role ptm_reader nologin;
alter database :"DBNAME" owner to ptm_owner;
