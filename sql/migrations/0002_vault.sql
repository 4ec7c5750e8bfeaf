-- Keys and secrets, apart from the log: backed up apart, kept shortly, and destroyed to erase a person.

create schema vault;

-- Data keys of data subjects, wrapped by the master key. Destroying a key erases the subject from log, Kafka and copies; the row
-- stays, so that nobody takes what it sealed for damaged. What is recorded of the subject afterwards gets a key of its own.
create table vault.subject_key (
    id bigint generated always as identity primary key,
    subject text not null,
    wrapped bytea,
    created_at timestamptz not null default now(),
    destroyed_at timestamptz,
    check ((wrapped is null) = (destroyed_at is not null))
);
create unique index subject_key_live on vault.subject_key (subject text_pattern_ops) where wrapped is not null;

-- API keys and tokens, sealed by the master key; events and tables refer to them by id, never contain them.
create table vault.secret (
    id uuid primary key default gen_random_uuid(),
    kind text not null,
    sealed bytea not null,
    changed_at timestamptz not null default now()
);
create unique index secret_contact_key on vault.secret (kind) where kind = 'contact_key';

grant usage on schema vault to ptm_worker;
grant select, insert, update, delete on vault.subject_key, vault.secret to ptm_worker;
