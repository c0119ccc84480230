-- compatible: indexes that older code does not need
-- What one buyer holds is counted before they reserve another ticket: what they have to pay, and what they have of one
-- event.
create index orders_of_buyer_for_event on orders (buyer_id, (event ->> 'id'))
  where status in ('created', 'awaiting:payment', 'paying', 'complete');
