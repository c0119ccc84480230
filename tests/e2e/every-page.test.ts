// The pages for browsing, signing in and selling.

import { checkPages } from './check-pages.ts'
import { inGerman, looking, selling } from './every-page.ts'
import { joining } from './joining-pages.ts'
import { securing } from './security-pages.ts'

checkPages({ looking, joining, securing, selling, 'in German': inGerman }, [{ name: 'home-empty', path: '/' }])
