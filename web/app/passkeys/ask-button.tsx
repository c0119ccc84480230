// The button of everything that asks the browser for a passkey. Where the browser has none, there is no button.

import type { ReactNode } from 'react'
import { usePasskeyTexts } from '../texts/passkeys.ts'
import { PasskeyFault } from './passkey-fault.tsx'
import type { useAsking } from './use-asking.ts'
import { useCanUsePasskeys } from './use-can.ts'

type Props = {
  asking: ReturnType<typeof useAsking>
  children: ReactNode
  /** `main` is the one thing to do on the page. */
  look?: 'main' | 'plain'
}

export function AskButton({ asking: { isAsking, fault, press }, children, look = 'plain' }: Props) {
  const { passkeys } = usePasskeyTexts()
  if (!useCanUsePasskeys()) return null
  return (
    <div className="grid gap-3">
      <button
        type="button"
        className={`button ${look === 'main' ? 'button-main' : ''}`}
        aria-disabled={isAsking || undefined}
        onClick={press}
      >
        {isAsking ? passkeys.asking : children}
      </button>
      <PasskeyFault fault={fault} />
    </div>
  )
}
