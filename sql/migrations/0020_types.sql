-- Of which types of document an integration is read, and since when: what there was of one before is past, as when connecting.

alter table ingest add column since json;
comment on column ingest.since is 'type of document -> the newest version of one when it began to be read; null: all that is named since the connection';
