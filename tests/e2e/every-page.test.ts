// The pages on which one looks, signs in and sells.

import { checkPages } from './check-pages.ts'
import { inGerman, joining, looking, selling } from './every-page.ts'

checkPages({ looking, joining, selling, 'in German': inGerman }, [{ name: 'home-empty', path: '/' }])
