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

-- name: put_contact_key
-- Whoever comes first has made it; the index allows one.
insert into vault.secret (id, kind, sealed) values ($1, 'contact_key', $2)
on conflict (kind) where kind = 'contact_key' do nothing;

-- name: read_contact_key
-- By its own view: who only looks may not read the other secrets.
select id, sealed from vault.contact_key;
