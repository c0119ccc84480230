// expiration: owns timers; decides when an order's window has run out. What follows from that is up to orders.

import { defineService } from '@aisle/kit/boot/service'
import { createAlarm } from './alarm.ts'
import { config, type Parts } from './context.ts'
import { dropTimer, dropUnknown } from './features/drop-timer.ts'
import { forgetTimers } from './features/forget-timers.ts'
import { moveTimer } from './features/move-timer.ts'
import { ringTimers } from './features/ring-timers.ts'
import { startTimer } from './features/start-timer.ts'
import { holds } from './holds.ts'

export const expiration = defineService<typeof config, Parts>({
  name: 'expiration',
  description: 'When the window of an order has run out.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  parts: async () => ({ alarm: createAlarm() }),
  routes: [],
  holds,
  reactions: [startTimer, moveTimer, ...dropTimer, dropUnknown],
  jobs: [ringTimers, forgetTimers],
})
