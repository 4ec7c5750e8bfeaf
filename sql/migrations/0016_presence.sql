-- What a worker has in its hands: for whoever looks after several.

alter table worker add column memory_mib integer;
alter table worker add column partitions integer[] not null default '{}';
