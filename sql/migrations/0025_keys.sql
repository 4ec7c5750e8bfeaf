-- Under which master key a worker seals, and which it opens: an earlier key can go once nobody needs it.

alter table worker add column keys text[] not null default '{}';
comment on column worker.keys is 'ids of the master keys that it opens; it seals under the first';
