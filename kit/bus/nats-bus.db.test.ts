import { afterAll } from 'vitest'
import { startTestBroker } from '../testing/nats.ts'
import { openNatsWorld, worldRights } from '../testing/nats-world.ts'
import { describeBus } from './bus-suite.ts'

const broker = await startTestBroker(worldRights)
afterAll(() => broker[Symbol.asyncDispose]())

describeBus('nats', () => openNatsWorld(broker))
