// The pages of an order, the admin pages, and the error pages.

import { checkPages } from './check-pages.ts'
import { ordering } from './every-order.ts'
import { administering, failing } from './every-page.ts'

checkPages({ buying: ordering, administering, failing })
