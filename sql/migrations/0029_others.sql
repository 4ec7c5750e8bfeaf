-- Which invoices an item of a replay settles beside its own: attention need not tell of them any more.

alter table replay_item add column others bigint[] not null default '{}';
comment on column replay_item.others is 'the other invoices in the window that lead to the same contact';
