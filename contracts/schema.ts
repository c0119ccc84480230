// The building blocks that every declaration in contracts is made of: one schema gives the static type, the runtime check and the documents.

import Type, { type Static, type TProperties, type TSchema } from 'typebox'

/** An object that refuses unknown fields: for what comes from outside. */
export const closed = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false })

/** A version-7 UUID in lower case; upper case is refused so that one id has one spelling. */
export const Id = Type.String({ format: 'uuid', pattern: '^[0-9a-f-]{36}$', description: 'UUIDv7, lower case' })

/** ISO 8601 in UTC with a `Z`. */
export const Timestamp = Type.String({
  format: 'date-time',
  pattern: '^2\\d{3}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$',
  description: 'ISO 8601, UTC',
})

/** Control characters and halves of a pair: PostgreSQL cannot store some of them, and nobody can see any. */
const unprintable = '\\u0000-\\u001f\\u007f\\ud800-\\udfff'

/** Text of a bounded length, not blank, without unprintable characters. Matched in one pass: blanks, then one that is none, then anything. */
export const text = (maxLength: number, description: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: `^[^\\S${unprintable}]*[^\\s${unprintable}][^${unprintable}]*$`,
    description,
  })

/** Text of several lines: as `text`, but line breaks and tabs are allowed. */
export const prose = (maxLength: number, description: string) =>
  Type.String({
    maxLength,
    pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\ud800-\\udfff]*$',
    description,
  })

/** 50 is the provider's smallest charge; the largest is its eight digits. */
export const PriceMinor = Type.Integer({
  minimum: 50,
  maximum: 99_999_999,
  description: 'price in minor units (cents of usd, yen of jpy)',
})

/** An amount of money in minor units; 0 is allowed. */
export const AmountMinor = Type.Integer({ minimum: 0, maximum: 99_999_999, description: 'amount in minor units' })

/** The currencies a ticket can be listed in; all have the provider's minimum at or below 50 minor units. */
export const Currency = Type.Enum(['usd', 'eur', 'gbp', 'chf', 'cad', 'aud', 'jpy', 'sek'], {
  description: 'ISO 4217, lower case',
})

/** How far an aggregate has come: 1 when it is made, one more with every change. */
export const Version = Type.Integer({ minimum: 1, description: 'version of the aggregate after this change' })

/** Query fields of every list: keyset paging, the next page is in the `Link` header. */
export const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'rows a page' })),
  after: Type.Optional(
    Type.String({ maxLength: 512, pattern: '^[A-Za-z0-9_-]+$', description: 'cursor from the Link header' }),
  ),
}

export type { Static, TSchema }
export { Type }
