-- name: list_logins
-- The logins to Procountor in use, a chunk at a time.
select i.id, i.partition, i.procountor_secret, s.sealed, s.changed_at, c.ends_at
from integration i
join vault.secret s on s.id = i.procountor_secret
join connection c on c.integration = i.id and c.service = 'procountor'
where i.state <> 'removed' and i.id > $1
order by i.id limit $2;

-- name: note_end
-- Of the login that was looked at: somebody may have logged in again meanwhile.
update connection set ends_at = $3
from integration
where connection.integration = $1 and connection.service = 'procountor'
  and integration.id = connection.integration and integration.procountor_secret = $2;
