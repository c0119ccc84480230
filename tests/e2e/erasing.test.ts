// Someone leaves for good: is told what stands in the way, finishes it, confirms that it is they, and is gone.

import { describe, expect, it } from 'vitest'
import { listTicket, orderIn, refusalOf, reserve, ticketIn } from '../world.ts'
import { useSite } from './site.ts'

const site = useSite()
const password = 'a good password'

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('%s', (_, javaScriptEnabled) => {
  it('an account is erased when nothing is open any more', async () => {
    const [seller, member] = [await site.world.member(), await site.world.member()]
    const ticket = await listTicket(seller)
    const own = await listTicket(member)
    const order = await reserve(member, ticket.id)
    const person = await site.signIn(member, { javaScriptEnabled })
    await person.opens('/account')
    await person.follows('What is erased, and what stays')
    await person.reads('Erase your account')
    await person.readsText('What stays, and why')
    await person.follows('Erase my account')
    await person.readsText('Erase your account for good?')
    await person.presses('Yes, erase it')
    await person.readsText('You have an order that is not finished.')
    await person.follows('Look')
    await person.isAt(`/orders/${order.id}`)
    await member.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await orderIn(member, order.id, 'cancelled')

    // Asked again much later, the person proves who they are first.
    await site.world.clock.advance(11 * 60_000)
    await person.opens('/account/erasure?sure')
    await person.presses('Yes, erase it')
    await person.reads('Confirm that it is you')
    await person.fills({ 'Your password': password })
    await person.presses('Continue')
    await person.readsText('Erase your account for good?')
    await person.presses('Yes, erase it')
    await person.reads('Your account is erased')
    await person.sees('link', 'Sign in')
    expect((await person.context.cookies()).filter(({ name }) => name.includes('session'))).toEqual([])
    await ticketIn(seller, own.id, 'withdrawn')
    await person.opens(`/tickets/${own.id}`)
    await person.readsText('Sold by a former member')
    const again = { email: member.user.email, password }
    expect(refusalOf(await site.world.visitor().send('POST', '/api/users/signin', again))).toEqual([
      401,
      'invalid-credentials',
    ])
  })
})
