-- Keys that an activation link has brought, until their companies are joined: Procountor tells them once.

create table activation (
    request bigint not null,
    company bigint not null,
    secret uuid not null,
    kept_at timestamptz not null default now(),
    primary key (request, company)
);
comment on column activation.request is 'as Procountor numbers what a customer accepted';

grant select, insert, update, delete on activation to ptm_worker;
grant select on activation to ptm_reader;
