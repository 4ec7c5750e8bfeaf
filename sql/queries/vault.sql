-- name: make_subject_keys
-- Sorted by the caller, so that two who make the same keys wait for each other in one order.
insert into vault.subject_key (subject, wrapped)
select * from unnest($1::text[], $2::bytea[])
on conflict (subject) where wrapped is not null do nothing;

-- name: live_subject_keys
select id, subject, wrapped from vault.subject_key
where subject = any($1::text[]) and wrapped is not null;

-- name: subject_keys
-- Destroyed ones too: what they sealed is erased, not damaged.
select id, subject, wrapped from vault.subject_key
where id = any($1::bigint[]);

-- name: destroy_subject_keys
update vault.subject_key set wrapped = null, destroyed_at = now()
where subject = any($1::text[]) and wrapped is not null
returning id;

-- name: destroy_integration_keys
-- The integration's own subject and all below it.
update vault.subject_key set wrapped = null, destroyed_at = now()
where (subject = $1::text or subject like $1::text || '/%') and wrapped is not null
returning id;

-- name: put_secret
insert into vault.secret (id, kind, sealed) values ($1, $2, $3);

-- name: read_secret
select sealed from vault.secret where id = $1;

-- name: replace_secret
update vault.secret set sealed = $2, changed_at = now()
where id = $1
returning id;

-- name: lock_secret
-- Until it is replaced: another worker may have done so since it was read.
select sealed from vault.secret where id = $1 for update;

-- name: read_token
select sealed, extract(epoch from until - now())::double precision as seconds_left, fence
from vault.token where secret = $1;

-- name: lease_token
-- For one of those who found the same token: nobody asks already, and nobody has got another since.
insert into vault.token (secret, fence, lease_until) values ($1, 1, now() + $3::interval)
on conflict (secret) do update set fence = token.fence + 1, lease_until = excluded.lease_until
where token.fence = $2 and (token.lease_until is null or token.lease_until <= now())
returning fence;

-- name: renew_token_lease
update vault.token set lease_until = now() + $3::interval
where secret = $1 and fence = $2
returning fence;

-- name: keep_token
-- Also for those who wait for it; who looked just before it came is not to ask for another.
update vault.token set fence = fence + 1, sealed = $3, until = now() + $4::interval, lease_until = null
where secret = $1 and fence = $2;

-- name: give_token_back
update vault.token set lease_until = null where secret = $1 and fence = $2;

-- name: put_contact_key
-- Whoever comes first has made it; the index allows one.
insert into vault.secret (id, kind, sealed) values ($1, 'contact_key', $2)
on conflict (kind) where kind = 'contact_key' do nothing;

-- name: read_contact_key
-- By its own view: who only looks may not read the other secrets.
select id, sealed from vault.contact_key;
