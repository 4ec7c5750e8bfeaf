-- dispatch: what is due where, and who is before whom at one contact.

create index delivery_due on delivery (organization, next_at) where state = 'waiting';
create index delivery_unanswered on delivery (next_at) where state = 'attempting';
create index delivery_contact on delivery (organization, contact_key) where state in ('waiting', 'attempting');
drop index delivery_holding;
create index integration_organization on integration (organization);
