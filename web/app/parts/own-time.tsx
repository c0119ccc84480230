import { useEffect, useState } from 'react'
import { useFormat } from '../texts/use-texts.tsx'

/** A time in the reader's time zone, which only their browser knows: null until the browser has rendered it. */
export function useOwnTime(iso: string | undefined): string | null {
  const format = useFormat()
  const [time, setTime] = useState<string | null>(null)
  useEffect(() => setTime(iso === undefined ? null : format.ownTime(new Date(iso))), [format, iso])
  return time
}
