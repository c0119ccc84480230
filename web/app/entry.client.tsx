import { StrictMode, startTransition } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { HydratedRouter } from 'react-router/dom'
import type { Language } from './texts/languages.ts'
import { loadTexts } from './texts/load-texts.ts'
import { Speaking } from './texts/use-texts.tsx'

const language = (document.documentElement.dataset.language ?? 'en') as Language
const texts = await loadTexts(language)

startTransition(() => {
  hydrateRoot(
    document,
    <StrictMode>
      <Speaking language={language} texts={texts}>
        <HydratedRouter />
      </Speaking>
    </StrictMode>,
  )
})
