-- Access tokens that all workers share, and whose turn it is to ask for the next one.

create table vault.token (
    secret uuid primary key references vault.secret on delete cascade,
    sealed bytea,
    until timestamptz,
    fence bigint not null,
    lease_until timestamptz,
    check ((sealed is null) = (until is null))
) with (fillfactor = 50);
comment on table vault.token is 'access tokens by the credentials they were granted for; as short-lived as these, and in no backup';
comment on column vault.token.until is 'when it is not to be used any more';
comment on column vault.token.fence is 'counts who asked for the next one';
comment on column vault.token.lease_until is 'somebody asks for the next one, and is alive until then';

grant select, insert, update on vault.token to ptm_worker;
