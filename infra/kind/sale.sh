#!/usr/bin/env bash
# One whole sale over the API: two people sign up, one lists a ticket, the other reserves it and pays, and it is theirs. Ends with 1 when it is not.
# AUTH_URL, TICKETS_URL, ORDERS_URL and PAYMENTS_URL say where the services are.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
within=${SALE_WITHIN_SECONDS:-60}

# call <jar> <method> <url> [body]: the answer, or what is wrong with it on stderr.
call() {
  local body=()
  [ $# -lt 4 ] || body=(--header 'content-type: application/json' --data "$4")
  curl --silent --show-error --fail-with-body --max-time 20 --cookie "$folder/$1" --cookie-jar "$folder/$1" --request "$2" "${body[@]}" "$3"
}
# A text field of the answer on stdin.
field() { grep --only-matching "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
# again <what> <command...>: until it succeeds; what it wrote last is told if it never does.
again() {
  local what=$1 deadline=$((SECONDS + within))
  shift
  until "$@" > "$folder/said" 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      echo "Waited $within s for $what: $(cat "$folder/said")" >&2
      return 1
    fi
    sleep 1
  done
  cat "$folder/said"
}
person() {
  again "$1 to sign up" call "$1" POST "$AUTH_URL/api/users/signup" \
    "{\"email\":\"$1-$(od -An -N8 -tx1 /dev/urandom | tr -d ' ')@aisle.test\",\"password\":\"quiet marmalade 47\",\"name\":\"$1\"}" > /dev/null
}
is() { [ "$(call buyer GET "$1" | tee /dev/stderr | field status)" = "$2" ]; }

person seller
person buyer
ticket=$(again 'a ticket to be listed' call seller POST "$TICKETS_URL/api/tickets" '{"title":"A seat","price":4500}' | field id)
order=$(again 'it to be reserved' call buyer POST "$ORDERS_URL/api/orders" "{\"ticketId\":\"$ticket\"}" | field id)
again 'the order to be payable' is "$ORDERS_URL/api/orders/$order" awaiting:payment > /dev/null
again 'it to be paid' call buyer POST "$PAYMENTS_URL/api/payments" "{\"orderId\":\"$order\",\"token\":\"tok_visa\"}" > /dev/null
again 'the order to be complete' is "$ORDERS_URL/api/orders/$order" complete > /dev/null
again 'the ticket to be sold' is "$TICKETS_URL/api/tickets/$ticket" sold > /dev/null
echo "Sold ticket $ticket by order $order."
