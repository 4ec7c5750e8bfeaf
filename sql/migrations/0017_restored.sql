-- What a restore leaves behind: per integration, since when sending is held and from when on nobody knows what was sent.

create table restored (
    integration uuid primary key references integration,
    taken_at timestamptz not null,
    restored_at timestamptz not null default now(),
    released_at timestamptz,
    released_by text,
    check ((released_at is null) = (released_by is null))
);
comment on column restored.taken_at is 'when the backup was taken: what was sent afterwards is not in the log';
comment on column restored.released_at is 'null: nothing of the integration is sent';

create index restored_held on restored (integration) where released_at is null;

-- The owner's restore fills it; a person releases.
grant select, update on restored to ptm_worker;
grant select on restored to ptm_reader;
