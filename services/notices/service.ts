// notices: owns notices. Say here what it decides.

import { defineService } from '@aisle/kit/boot/service'
import { config } from './context.ts'
import { myNotices } from './features/my-notices.ts'

export const notices = defineService<typeof config>({
  name: 'notices',
  description: 'Notices, and who may read them.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  routes: [myNotices],
  reactions: [],
})
