// Stripe's published test cards (docs.stripe.com/testing): what each does, and its tokens. Every name exists
// twice: `tok_<name>` for payment_method_data[card][token] and `pm_card_<name>` for payment_method.

/** A card network's name, as Stripe spells it. */
export type Brand = 'amex' | 'diners' | 'discover' | 'jcb' | 'mastercard' | 'unionpay' | 'visa'

/** How an issuer declines. */
export interface Decline {
  code: 'card_declined' | 'expired_card' | 'incorrect_cvc' | 'processing_error'
  declineCode: string
  message: string
  param: string | null
  adviceCode: 'confirm_card_data' | 'do_not_try_again' | 'try_again_later' | null
}

/** The result of a payment attempt. A challenge is 3-D Secure, and `then` is the result once it is passed. */
export type CardOutcome =
  | { kind: 'approved' }
  | { kind: 'declined'; decline: Decline }
  | { kind: 'challenge'; then: Decline | null }

/** The result of refunds to the card. */
export type RefundOutcome = 'succeeds' | 'pending-then-succeeds' | 'succeeds-then-fails'

/** A test card. */
export interface TestCard {
  number: string
  brand: Brand
  funding: 'credit' | 'debit' | 'prepaid'
  country: string
  outcome: CardOutcome
  refund: RefundOutcome
}

const approved: CardOutcome = { kind: 'approved' }

const genericDecline = declined('generic_decline', 'Your card was declined.', 'try_again_later')
const insufficientFunds = declined('insufficient_funds', 'Your card has insufficient funds.', 'try_again_later')
/** The decline for a valid number that is not a test card. */
const liveCardInTestMode: Decline = declined(
  'test_mode_live_card',
  'Your card was declined. Your request was in test mode, but used a non test (live) card. ' +
    'For a list of valid test cards, visit: https://stripe.com/docs/testing.',
  null,
)

// The names are Stripe's own; some declines exist with the prefix `visa_`, some without, some both.
const cards: [names: string[], card: TestCard][] = [
  [['visa', 'us'], visa('4242424242424242', approved)],
  [['visa_debit'], { ...visa('4000056655665556', approved), funding: 'debit' }],
  [['mastercard'], brand('mastercard', '5555555555554444')],
  [['mastercard_debit'], { ...brand('mastercard', '5200828282828210'), funding: 'debit' }],
  [['mastercard_prepaid'], { ...brand('mastercard', '5105105105105100'), funding: 'prepaid' }],
  [['amex'], brand('amex', '378282246310005')],
  [['discover'], brand('discover', '6011111111111117')],
  [['diners'], brand('diners', '3056930009020004')],
  [['jcb'], brand('jcb', '3566002020360505')],
  [['unionpay'], brand('unionpay', '6200000000000005')],

  [['visa_chargeDeclined', 'chargeDeclined'], refusing('4000000000000002', genericDecline)],
  [
    ['visa_chargeDeclinedInsufficientFunds', 'chargeDeclinedInsufficientFunds'],
    refusing('4000000000009995', insufficientFunds),
  ],
  [
    ['visa_chargeDeclinedLostCard', 'chargeDeclinedLostCard'],
    refusing('4000000000009987', declined('lost_card', 'Your card was declined.', 'do_not_try_again')),
  ],
  [
    ['visa_chargeDeclinedStolenCard', 'chargeDeclinedStolenCard'],
    refusing('4000000000009979', declined('stolen_card', 'Your card was declined.', 'do_not_try_again')),
  ],
  [
    ['chargeDeclinedFraudulent', 'radarBlock'],
    refusing('4100000000000019', declined('fraudulent', 'Your card was declined.', null)),
  ],
  [
    ['visa_chargeDeclinedVelocityLimitExceeded'],
    refusing(
      '4000000000006975',
      declined('card_velocity_exceeded', 'Your card was declined for making repeated attempts too frequently.', null),
    ),
  ],
  [['chargeCustomerFail'], refusing('4000000000000341', genericDecline)],
  [
    ['chargeDeclinedExpiredCard'],
    refusing('4000000000000069', wrong('expired_card', 'Your card has expired.', 'exp_month')),
  ],
  [
    ['chargeDeclinedIncorrectCvc'],
    refusing('4000000000000127', wrong('incorrect_cvc', "Your card's security code is incorrect.", 'cvc')),
  ],
  [
    ['chargeDeclinedProcessingError'],
    refusing('4000000000000119', {
      code: 'processing_error',
      declineCode: 'processing_error',
      message: 'An error occurred while processing your card. Try again in a little bit.',
      param: null,
      adviceCode: 'try_again_later',
    }),
  ],

  [['authenticationRequired'], challenging('4000002760003184', null)],
  [['authenticationRequiredOnSetup'], challenging('4000002500003155', null)],
  [['threeDSecure2Required', 'threeDSecureRequired'], challenging('4000000000003220', null)],
  [['threeDSecureRequiredChargeDeclined'], challenging('4000008400001629', genericDecline)],
  [['authenticationRequiredChargeDeclinedInsufficientFunds'], challenging('4000008260003178', insufficientFunds)],
  [['threeDSecureOptional'], visa('4000000000003055', approved)],

  [['refundFail'], { ...visa('4000000000005126', approved), refund: 'succeeds-then-fails' }],
  [['pendingRefund'], { ...visa('4000000000007726', approved), refund: 'pending-then-succeeds' }],
]

const byName = new Map(cards.flatMap(([names, card]) => names.map((name) => [name, card] as const)))
const byNumber = new Map(cards.map(([, card]) => [card.number, card] as const))

/** The card behind `tok_<name>`, or undefined. */
export function cardOfToken(token: string): TestCard | undefined {
  return token.startsWith('tok_') ? byName.get(token.slice('tok_'.length)) : undefined
}

/** The card behind `pm_card_<name>`, or undefined. */
export function cardOfPaymentMethod(id: string): TestCard | undefined {
  return id.startsWith('pm_card_') ? byName.get(id.slice('pm_card_'.length)) : undefined
}

/** The card with a number. An unpublished number is declined as a live card in test mode. */
export function cardOfNumber(number: string): TestCard {
  return byNumber.get(number) ?? refusing(number, liveCardInTestMode)
}

/** Whether the check digit is correct. */
export function passesLuhn(number: string): boolean {
  let sum = 0
  for (const [index, digit] of [...number].reverse().entries()) {
    const doubled = index % 2 === 1 ? Number(digit) * 2 : Number(digit)
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

function visa(number: string, outcome: CardOutcome): TestCard {
  return { number, brand: 'visa', funding: 'credit', country: 'US', outcome, refund: 'succeeds' }
}

function brand(name: Brand, number: string): TestCard {
  return { ...visa(number, approved), brand: name }
}

function refusing(number: string, decline: Decline): TestCard {
  return visa(number, { kind: 'declined', decline })
}

function challenging(number: string, then: Decline | null): TestCard {
  return visa(number, { kind: 'challenge', then })
}

function declined(declineCode: string, message: string, adviceCode: Decline['adviceCode']): Decline {
  return { code: 'card_declined', declineCode, message, param: null, adviceCode }
}

function wrong(code: 'expired_card' | 'incorrect_cvc', message: string, param: string): Decline {
  return { code, declineCode: code, message, param, adviceCode: 'confirm_card_data' }
}
