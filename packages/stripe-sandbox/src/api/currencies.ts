// Currencies with the smallest amount that Stripe charges in each (docs.stripe.com/currencies), in minor units.

const minimums: Readonly<Record<string, number>> = {
  aed: 200,
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
  usd: 50,
}
const withoutMinorUnit = new Set(['jpy'])

/** The largest amount of any charge: eight digits. */
export const maximumAmount = 99_999_999

/** The smallest amount that can be charged, or undefined for an unsupported currency. */
export function minimumAmount(currency: string): number | undefined {
  return Object.hasOwn(minimums, currency) ? minimums[currency] : undefined
}

/** The supported currencies. */
export function supportedCurrencies(): string[] {
  return Object.keys(minimums)
}

/** An amount formatted for buyers, such as `$12.50`. */
export function displayAmount(minor: number, currency: string): string {
  const major = withoutMinorUnit.has(currency) ? minor : minor / 100
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(major)
}

/** An amount as in Stripe's messages, such as `12.50 usd`. */
export function formatAmount(minor: number, currency: string): string {
  return `${withoutMinorUnit.has(currency) ? minor : (minor / 100).toFixed(2)} ${currency}`
}
