-- When an integration's invoices were last seen, and its contacts last added, without looking through all of them.

create index invoice_changed on invoice (integration, changed_at);
create index delivery_delivered on delivery (integration, settled_at) where state = 'delivered';
