import { startTestBroker } from '../testing/nats.ts'
import { openNatsWorld, worldRights } from '../testing/nats-world.ts'
import { openRewindablePublisher } from '../testing/rewindable-publisher.ts'
import { describeHistory } from './history-suite.ts'

describeHistory('nats', async () => {
  const server = await openRewindablePublisher()
  const broker = await startTestBroker(worldRights)
  const world = await openNatsWorld(broker, { publisherUrl: server.url() })
  return {
    ...world,
    server,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
})
