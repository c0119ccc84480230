// What is known about the visit, for all its loaders and actions.

import { createContext, RouterContextProvider } from 'react-router'
import type { Visit } from '../../server/visit.ts'
import type { Language } from '../texts/languages.ts'

const visitContext = createContext<Visit & { language: Language }>()

export function contextOf(visit: Visit): RouterContextProvider {
  const context = new RouterContextProvider()
  context.set(visitContext, { ...visit, language: visit.language as Language })
  return context
}

export type Context = Readonly<RouterContextProvider>

export const visitOf = (context: Context) => context.get(visitContext)
