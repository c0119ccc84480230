// The pages of an order, those for admins, and those that nobody wants to see.

import { checkPages } from './check-pages.ts'
import { ordering } from './every-order.ts'
import { administering, failing } from './every-page.ts'

checkPages({ buying: ordering, administering, failing })
