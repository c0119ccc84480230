// Numbers and codes that people copy from paper, a screen or speech.

/**
 * Without look-alikes: no I, L, 1, O and 0; 5 but not S, V but not U. 29 is prime, which the check of an order number
 * needs. The function order_number of the orders database has them in the same order.
 */
export const readable = '23456789ABCDEFGHJKMNPQRTVWXYZ'

/** What was typed, in one spelling: in capitals, without spaces and dashes. */
export const plain = (typed: string): string => typed.toUpperCase().replaceAll(/[\s\u2010-\u2015-]/g, '')
