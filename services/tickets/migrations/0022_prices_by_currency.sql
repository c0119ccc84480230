-- compatible: indexes that older code does not need
-- Prices are compared within one currency.
create index tickets_listed_currency_price on tickets (currency, price, id) where status = 'listed';
create index tickets_listed_event_currency_price on tickets (event_id, currency, price, id) where status = 'listed';
create index tickets_listed_of_seller on tickets (seller_id, id) where status = 'listed';
