// The records of the sandbox. Statuses are closed unions of our own: the SDK's are open (`| OtherString`), so
// the compiler would not report a mistyped status.

/** Statuses of a PaymentIntent that the sandbox can reach. */
export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled'
/** Statuses of a charge; a card charge is never pending. */
export type ChargeStatus = 'succeeded' | 'failed'
/** Statuses of a refund. */
export type RefundStatus = 'pending' | 'succeeded' | 'failed'
/** When the money is taken: at once, or by a later capture. */
export type CaptureMethod = 'automatic' | 'automatic_async' | 'manual'
/** Why an intent was canceled; `automatic` is an expired authorisation, `expired` an expired Checkout Session. */
export type CancellationReason =
  | 'abandoned'
  | 'automatic'
  | 'duplicate'
  | 'expired'
  | 'fraudulent'
  | 'requested_by_customer'
/** Statuses of a Checkout Session. */
export type SessionStatus = 'open' | 'complete' | 'expired'
/** Why a refund was made. */
export type RefundReason = 'duplicate' | 'fraudulent' | 'requested_by_customer'

/** Why a card did not pay. */
export interface PaymentError {
  code: string
  declineCode: string | null
  message: string
  param: string | null
  adviceCode: string | null
  charge: string | null
  paymentMethod: string
}

/** A PaymentIntent. Amounts are in minor units, times in Unix seconds. */
export interface Intent {
  id: string
  created: number
  amount: number
  amountCapturable: number
  amountReceived: number
  currency: string
  captureMethod: CaptureMethod
  status: IntentStatus
  metadata: Record<string, string>
  description: string | null
  receiptEmail: string | null
  statementDescriptor: string | null
  statementDescriptorSuffix: string | null
  transferGroup: string | null
  allowedPaymentMethodTypes: 'card'[] | null
  /** Whether redirect-based methods are allowed: then a confirmation needs a return_url. */
  redirects: 'always' | 'never'
  returnUrl: string | null
  paymentMethod: string | null
  latestCharge: string | null
  lastError: PaymentError | null
  canceledAt: number | null
  cancellationReason: CancellationReason | null
  clientSecret: string
}

/** One attempt to charge a card. */
export interface Charge {
  id: string
  created: number
  paymentIntent: string
  paymentMethod: string
  amount: number
  amountCaptured: number
  /** Authorised but never captured: the rest of a partial capture, or all of a void. */
  amountReleased: number
  /** Sum of its refunds that have not failed. */
  amountRefunded: number
  captured: boolean
  currency: string
  status: ChargeStatus
  error: PaymentError | null
  metadata: Record<string, string>
  description: string | null
  receiptEmail: string | null
  /** When an authorisation expires; null for a charge captured at once. */
  captureBefore: number | null
  balanceTransaction: string | null
  /** True when the cardholder passed 3-D Secure. */
  authenticated: boolean
}

/** A refund. */
export interface Refund {
  id: string
  created: number
  amount: number
  currency: string
  charge: string
  paymentIntent: string
  reason: RefundReason | null
  metadata: Record<string, string>
  status: RefundStatus
  failureReason: string | null
  balanceTransaction: string
  failureBalanceTransaction: string | null
}

/** A card as given for one payment; `number` is a published test number, never a real card. */
export interface PaymentMethod {
  id: string
  created: number
  number: string
  expMonth: number
  expYear: number
}

/** One item that a Checkout Session sells. */
export interface LineItem {
  id: string
  name: string
  description: string | null
  unitAmount: number
  quantity: number
  price: string
  product: string
}

/** A Checkout Session: what the hosted page sells, and the payment that it will create. */
export interface Session {
  id: string
  created: number
  expiresAt: number
  status: SessionStatus
  currency: string
  amountTotal: number
  lineItems: LineItem[]
  metadata: Record<string, string>
  clientReferenceId: string | null
  customerEmail: string | null
  successUrl: string
  cancelUrl: string | null
  locale: string | null
  submitType: 'auto' | 'book' | 'donate' | 'pay' | null
  /** Shown above the button. */
  submitText: string | null
  /** Missing in records written by a version without it. */
  threeDSecure?: 'any' | 'automatic' | 'challenge'
  allowedPaymentMethodTypes: 'card'[] | null
  intentData: IntentData
  /** Null until the buyer confirms for the first time. */
  paymentIntent: string | null
  /** As typed with the last attempt to pay. */
  buyer: { email: string; name: string | null } | null
}

/** The fields for the intent of a Checkout Session. */
export type IntentData = Pick<
  Intent,
  | 'captureMethod'
  | 'metadata'
  | 'description'
  | 'receiptEmail'
  | 'statementDescriptor'
  | 'statementDescriptorSuffix'
  | 'transferGroup'
>

/** A change that happens once its time has come. */
export type DueChange = 'refund-succeeds' | 'refund-fails' | 'authorisation-expires' | 'session-expires'

/**
 * The state of an event's delivery to the webhook endpoint: waiting for its next attempt, held by a test,
 * answered with 2xx, dropped by a test, or without a 2xx for three days.
 */
export type DeliveryStatus = 'pending' | 'held' | 'delivered' | 'dropped' | 'given-up'
