-- Who may look at everything and change nothing: logins in this group, for `ptm tui --read-only`, reports and auditors.

-- The one secret that looking takes: the keyed hash by which a contact is found without its address. It opens nothing.
create view vault.contact_key with (security_barrier) as
select id, sealed from vault.secret where kind = 'contact_key';
grant select on vault.contact_key to ptm_worker;

-- Not vault.secret (the services' keys and tokens) and not login (the code of a login under way): with the master key they
-- would open what acts on others. vault.subject_key, since without it the log names nobody.
grant usage on schema vault to ptm_reader;
grant select on vault.contact_key, vault.subject_key to ptm_reader;
grant select on
    migration, log, counter, event, relay, checkpoint, rules, integration, connection, ingest, invoice, budget, added,
    cooldown, block, delivery, attempt, lane, worker, replay, replay_item, tally, reconciliation
    to ptm_reader;
