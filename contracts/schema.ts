// The building blocks of every declaration in contracts: one schema gives the static type, the runtime check and
// the documents.

import Type, { type Static, type TProperties, type TSchema } from 'typebox'

/** An object that refuses unknown fields: for external input. */
export const closed = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false })

/** A version-7 UUID in lower case; upper case is refused so that one id has one spelling. */
export const Id = Type.String({ format: 'uuid', pattern: '^[0-9a-f-]{36}$', description: 'UUIDv7, lower case' })

const day = {
  ofLongMonth: '(0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])',
  ofShortMonth: '(0[469]|11)-(0[1-9]|[12]\\d|30)',
  ofFebruary: '02-(0[1-9]|1\\d|2[0-8])',
}
const leapDay = '(2\\d(0[48]|[2468][048]|[13579][26])|2[048]00)-02-29'
const date = `(2\\d{3}-(${day.ofLongMonth}|${day.ofShortMonth}|${day.ofFebruary})|${leapDay})`

/**
 * ISO 8601 in UTC with a `Z`, from the years 2000 to 2999. Only instants that exist: neither JavaScript nor
 * PostgreSQL knows leap seconds, and they disagree about 30 February.
 */
export const Timestamp = Type.String({
  format: 'date-time',
  pattern: `^${date}T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?Z$`,
  description: 'ISO 8601, UTC',
})

/** Control characters and lone surrogates: PostgreSQL cannot store some of them, and none is visible. */
const control = '\\p{Cc}\\p{Cs}'
/**
 * Not allowed in one line: line breaks, and embeddings, overrides and isolates, which turn the text around them, in
 * a title or a list as well. They are refused, because a caller should know that its text was not stored as it
 * came. The web forms drop them: people paste them without seeing them. Names in right-to-left scripts need none of
 * them, and direction marks (U+200E, U+200F, U+061C) are allowed.
 */
const notInLine = `${control}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069`
/** Like `control`, without tabs and line breaks. */
const notInProse = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\p{Cs}'
/** Characters that leave no mark on a page. Braille's blank and the null notehead count as symbols, but are empty. */
const unseen = '\\s\\p{Cf}\\p{Default_Ignorable_Code_Point}\\u2800\\u{1d159}'
/** Matched in one pass: the invisible characters, then one that is visible. */
const somethingToSee = `(?=[${unseen}]*[^${unseen}])`

/** Text of a bounded length in one line, with something visible in it. */
export const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: `^${somethingToSee}[^${notInLine}]*$`, description })

/** Text of several lines: empty, or with something visible in it. */
export const prose = (maxLength: number, description: string) =>
  Type.String({ maxLength, pattern: `^$|^${somethingToSee}[^${notInProse}]*$`, description })

/** The maximum is the provider's eight digits; the minimum is higher in some currencies (least-prices.ts). */
export const PriceMinor = Type.Integer({
  minimum: 50,
  maximum: 99_999_999,
  description: 'price in minor units (cents of usd, yen of jpy)',
})

/** An amount of money in minor units; 0 is allowed. */
export const AmountMinor = Type.Integer({ minimum: 0, maximum: 99_999_999, description: 'amount in minor units' })

/** The currencies a ticket can be listed in. */
export const Currency = Type.Enum(['usd', 'eur', 'gbp', 'chf', 'cad', 'aud', 'jpy', 'sek'], {
  description: 'ISO 4217, lower case',
})

/** The version of an aggregate: 1 when it is created, one more with every change. */
export const Version = Type.Integer({ minimum: 1, description: 'version of the aggregate after this change' })

/** Query fields of every list: keyset paging; the next page is in the `Link` header. */
export const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'rows a page' })),
  after: Type.Optional(
    Type.String({ maxLength: 512, pattern: '^[A-Za-z0-9_-]+$', description: 'cursor from the Link header' }),
  ),
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

/** Up to a hundred ids in a query, separated by commas. */
export const IdList = (description: string) =>
  Type.String({ pattern: `^${uuid}(,${uuid}){0,99}$`, description: `${description}: up to a hundred, with commas` })

export type { Static, TSchema }
export { Type }
