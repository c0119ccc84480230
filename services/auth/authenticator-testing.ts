// The authenticator app of a user, as tests have one: its secret, and a clock.

import { TOTP } from 'otpauth'

/** The code that an app with this secret shows at a time. */
export const codeAt = (secret: string, at: Date): string => new TOTP({ secret }).generate({ timestamp: at.getTime() })

/** How long a code is shown. */
export const stepMs = 30_000
