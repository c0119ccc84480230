// `npm run collection` writes docs/collection/aisle.postman_collection.json from the endpoint declarations.

import { writeFileSync } from 'node:fs'
import { endpoints } from '@aisle/contracts/api/index'
import { reserveTicket, showOrder } from '@aisle/contracts/api/orders'
import { payOrder } from '@aisle/contracts/api/payments'
import { listTicket, showTicket } from '@aisle/contracts/api/tickets'
import { signUp } from '@aisle/contracts/api/users'
import type { Body, Endpoint } from '@aisle/contracts/endpoint'
import { postman, type Step } from '@aisle/contracts/postman'

const step = <E extends Endpoint>(
  name: string,
  endpoint: E,
  more: Pick<Step, 'save' | 'again'> & { body?: Body<E> },
): Step => ({ name, endpoint, ...more })

/** Another service may hear of a ticket or an order a moment later. */
const notYet = 'code === 404 || code === 409'

const sale = {
  name: 'A sale',
  description:
    'Two new accounts and one ticket. Run the whole folder against `npm start`; it pays with the token of a test card.',
  steps: [
    step('The seller signs up', signUp, {
      body: { email: 'seller-{{$guid}}@example.com', password: 'a good password', name: 'Mara' },
    }),
    step('The seller lists a ticket', listTicket, {
      body: { title: 'Two seats in the stalls', price: 4500, currency: 'eur' },
      save: { ticketId: 'id' },
    }),
    step('The buyer signs up', signUp, {
      body: { email: 'buyer-{{$guid}}@example.com', password: 'a good password', name: 'Jonas' },
    }),
    step('The buyer reserves it', reserveTicket, {
      body: { ticketId: '{{ticketId}}', price: 4500, currency: 'eur' },
      save: { orderId: 'id' },
      again: notYet,
    }),
    step('The order waits to be paid', showOrder, { again: "body.status === 'created'" }),
    step('The buyer pays', payOrder, {
      body: { orderId: '{{orderId}}', token: 'tok_visa' },
      save: { paymentId: 'id' },
      again: notYet,
    }),
    step('The order is complete', showOrder, { again: "body.status !== 'complete'" }),
    step('The ticket is sold', showTicket, { again: "body.status !== 'sold'" }),
  ],
}

/** The collection as it is kept in the repository. */
export const collectionText = (): string => `${JSON.stringify(postman(sale, endpoints), null, 2)}\n`

if (import.meta.main)
  writeFileSync(new URL('../docs/collection/aisle.postman_collection.json', import.meta.url), collectionText())
