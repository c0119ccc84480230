import { message } from '../message.ts'
import { Id, Type, Version } from '../schema.ts'
import { SealingKey } from '../sealing-key.ts'

export const ContactKeyMade = message(
  'notices',
  'contact:key-made',
  'What auth tells notices alone about a user (an address, a link) is to be sealed with this key.',
  Type.Object({
    userId: Id,
    version: Type.Integer({ ...Version, description: 'counts the keys of the user: a later one replaces an earlier' }),
    publicKey: SealingKey,
  }),
)

export const NoticeMade = message(
  'notices',
  'notice:made',
  'There is a new notice for a user, or they have read some.',
  Type.Object({
    userId: Id,
    version: Type.Integer({ ...Version, description: 'counts such changes for the user' }),
    unread: Type.Integer({ minimum: 0, description: 'how many notices the user has not read' }),
  }),
)
