-- name: choose_partition
-- The partition with the fewest integrations.
select c.partition from counter c left join integration i on i.partition = c.partition and i.state <> 'removed'
group by c.partition order by count(i.id), c.partition limit 1;

-- name: read_partition
-- An integration's stays.
select partition from integration where id = $1;

-- name: find_joined
-- A company is joined to an organization once.
select id from integration where company_id = $1 and organization = $2 and state <> 'removed';

-- name: insert_integration
-- The row that screens read; its version is the position of its newest configuration event.
insert into integration (id, partition, version, state, company_id, organization, names, procountor_secret, trustmary_secret,
    configuration)
values ($1, $2, $3, 'active', $4, $5, $6, $7, $8, $9);

-- name: insert_connections
-- Both services answered a moment ago.
insert into connection (integration, service, state, last_good_at)
values ($1, 'procountor', 'connected', now()), ($1, 'trustmary', 'connected', now());

-- name: insert_ingest
-- The baseline is read first, then live from the cursor.
insert into ingest (integration, cursor, baseline, reading, since) values ($1, $2, $2, 'baseline', $3);

-- name: ensure_lane
-- One lane an organization, whoever joins it first.
insert into lane (organization) values ($1) on conflict do nothing;

-- name: write_credentials
-- New secrets and names; the cursor stays.
update integration set names = $2, procountor_secret = coalesce($3, procountor_secret),
    trustmary_secret = coalesce($4, trustmary_secret)
where id = $1;

-- name: restore_connection
-- A person has acted: answers whether the connection had been broken.
with before as (select state from connection where integration = $1 and service = $2 for update)
update connection c set state = 'connected', reason = null, last_good_at = now(),
    since = case when before.state = 'broken' then now() else c.since end
from before where c.integration = $1 and c.service = $2
returning before.state = 'broken' as was_broken;

-- name: write_end
-- When the login ends by itself, where it does.
update connection set ends_at = $2 where integration = $1 and service = 'procountor';

-- name: wake_ingest
-- Poll at once.
update ingest
set due_at = now(), failures = 0, failing_since = null, failure = null,
    fence = fence + 1, lease_owner = null, lease_until = null
where integration = $1;

-- name: wake_lane
-- Send at once, whatever went wrong before.
update lane set due_at = now(), failures = 0, broken_until = null where organization = $1;

-- name: probe_soon
-- Whether what was gone still matters: asked once the projector has had the time to take back what waited for it.
update lane set due_at = least(due_at, now() + interval '2 seconds') where organization = $1;

-- name: delete_secret
-- Replaced by a newer one, or never put to use: a commit that was not confirmed may have taken place all the same.
delete from vault.secret
where id = $1 and not exists (select from integration where procountor_secret = $1 or trustmary_secret = $1);

-- name: begin_login
-- Pending logins stand in Postgres, so any worker can take the callback; old ones are swept out on the way.
with swept as (delete from login where expires_at < now() - interval '1 hour')
insert into login (state, kind, expires_at) values ($1, $2, now() + $3::double precision * interval '1 second');

-- name: answer_login
-- Once, and in time.
update login set code = $2, failure = $3, answered_at = now()
where state = $1 and answered_at is null and expires_at > now()
returning kind;

-- name: look_up_login
-- Why an answer was not taken.
select answered_at, expires_at < now() as expired from login where state = $1;

-- name: take_login
-- Whoever asked takes the answer, once.
update login set used_at = now() where state = $1 and answered_at is not null and used_at is null
returning code, failure;

-- name: name_login
-- For the page that still waits.
update login set company = $2, failure = $3, code = null where state = $1;

-- name: read_login
-- What the waiting page shows.
select company, failure from login where state = $1;

-- name: keep_activation
-- The key of a company that was approved, before anything is done with it.
insert into activation (request, company, secret) values ($1, $2, $3)
on conflict (request, company) do update set secret = excluded.secret, kept_at = now();

-- name: read_activation
select company, secret from activation where request = $1 order by company;

-- name: forget_activation
-- Its company is joined, by a secret of its own.
delete from activation where request = $1 and company = $2 returning secret;
