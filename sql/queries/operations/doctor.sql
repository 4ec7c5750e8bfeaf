-- name: look_at_login
-- Who works here, what they may do, and which server it is.
select session_user, current_setting('server_version') as version, current_setting('server_version_num')::integer as number,
    current_setting('is_superuser') = 'on' as superuser;

-- name: look_at_rights
-- What the worker's login may do with the log, and with the rest.
select has_table_privilege('event', 'insert, update, delete, truncate') as changes_events,
    has_table_privilege('integration', 'update') as works;

-- name: look_at_clock
-- The database's clock.
select clock_timestamp() as at;

-- name: count_partitions
-- As many as the topic must have.
select count(*) from counter;

-- name: look_at_names
-- What the master key must open too: there may be no contact key yet.
select id, names from integration order by id limit 1;

-- name: look_at_recipients
-- Of how many integrations somebody is told, and of how many by mail.
select count(*) as telling, count(*) filter (where recipients like '%"email"%') as mailing
from (
    select (configuration -> 'recipients')::text as recipients from integration where state <> 'removed'
) each
where recipients <> '[]';

-- name: look_at_mailboxes
-- Addresses that what is to leave does not reach, by cause.
select m.failure, count(*) as count, min(m.failing_since) as since from mailbox m
where m.failing_since is not null
    and exists (select from alert a where a.mailbox = m.id and (a.told_at is null or a.over_at is not null))
group by failure order by count(*) desc limit 20;
