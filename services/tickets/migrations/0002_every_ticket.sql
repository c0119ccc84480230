-- What an admin looks through.
create index tickets_by_status on tickets (status, id desc);
