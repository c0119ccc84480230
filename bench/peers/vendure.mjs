/**
 * A Vendure shop on an empty PostgreSQL database, for bench/peer-vendure.ts: its own defaults, one process, guests may
 * order, payments succeed at once without a provider. It runs in the folder in which package.json of this one is
 * installed, and tells its parent when it is ready.
 */
import { writeFile } from 'node:fs/promises'
import {
  bootstrap,
  DefaultLogger,
  defaultConfig,
  dummyPaymentHandler,
  JobQueueService,
  LanguageCode,
  LogLevel,
  mergeConfig,
} from '@vendure/core'
import { populate } from '@vendure/core/cli/index.js'

const { PORT, DATABASE_URL, PRODUCTS, SINGLE_UNITS } = process.env

const config = mergeConfig(defaultConfig, {
  apiOptions: { port: Number(PORT), hostname: '127.0.0.1' },
  authOptions: {
    tokenMethod: 'cookie',
    cookieOptions: { secret: 'bench' },
    superadminCredentials: { identifier: 'admin', password: 'admin' },
  },
  dbConnectionOptions: {
    type: 'postgres',
    url: DATABASE_URL,
    synchronize: true,
    logging: false,
    // As many as our orders service has.
    extra: { max: 48 },
  },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Error }),
})

const products = [
  [
    'name,slug,description,assets,facets,optionGroups,optionValues',
    'sku,price,taxCategory,stockOnHand,trackInventory,variantAssets,variantFacets',
  ].join(','),
  ...several(Number(PRODUCTS), 'plenty', 100_000),
  ...several(Number(SINGLE_UNITS), 'single', 1),
]
await writeFile('products.csv', products.join('\n'))

const app = await populate(
  () => bootstrap(config),
  {
    defaultLanguage: LanguageCode.en,
    defaultZone: 'Europe',
    countries: [{ name: 'Austria', code: 'AT', zone: 'Europe' }],
    taxRates: [{ name: 'Standard Tax', percentage: 20 }],
    shippingMethods: [{ name: 'Standard Shipping', price: 500 }],
    paymentMethods: [
      {
        name: 'Dummy',
        handler: { code: dummyPaymentHandler.code, arguments: [{ name: 'automaticSettle', value: 'true' }] },
      },
    ],
    collections: [],
  },
  'products.csv',
)
await app.get(JobQueueService).start()
process.send('ready')
process.once('SIGTERM', () => app.close().then(() => process.exit(0)))

function several(count, name, stock) {
  return Array.from(
    { length: count },
    (_, nth) => `${name} ${nth},${name}-${nth},,,,,,${name}-${nth},50.00,standard,${stock},true,,`,
  )
}
