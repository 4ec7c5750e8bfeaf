-- What does not stand and is sent past all the same: a list that is gone holds what names it and nothing else, a service that
-- fails is tried as often as ever.

create function sends(connection) returns boolean
    language sql immutable parallel safe
    return $1.state = 'connected' or $1.reason in ('list_gone', 'automation_gone', 'suspended', 'down');
comment on function sends(connection) is 'whether deliveries leave over a connection: it stands, or has a reason that does not keep them';
revoke all on function sends(connection) from public;
grant execute on function sends(connection) to ptm_worker;

-- What is parked because its list or automation is gone: little, and asked for at every turn.
create index delivery_gone on delivery (integration, fingerprint) where state = 'parked' and starts_with(fingerprint, 'gone:');

alter table lane add column failing_since timestamptz;
comment on column lane.failing_since is 'since when every call of the organization has failed, by Trustmary''s own fault';
