import { useEffect, useState } from 'react'
import { listen } from '../live/listen.ts'
import { useTexts } from '../texts/use-texts.tsx'

/** The link to the notices, with the number of unread ones. Without JavaScript there is no number. */
export function UnreadNotices() {
  const texts = useTexts()
  const [unread, setUnread] = useState(0)
  useEffect(
    () =>
      listen('/api/notices/live', 'unread', {
        hear: (data) => setUnread((data as { unread: number }).unread),
        // The stream begins with the number as it is now.
        lookAgain: () => {},
      }),
    [],
  )
  return (
    <span className="flex items-center gap-1.5">
      {texts.site.notices}
      {unread > 0 && (
        <>
          <span className="unread numbers" aria-hidden="true">
            {unread > 99 ? '99+' : unread}
          </span>
          <span className="sr-only">{texts.site.unreadNotices(unread)}</span>
        </>
      )}
    </span>
  )
}
