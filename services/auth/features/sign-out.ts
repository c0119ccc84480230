// A user signs out on this device: its cookie goes. Other devices stay signed in.

import { signOut as endpoint } from '@aisle/contracts/api/users'
import { answer, procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'

export const signOut = procedure(endpoint, async (_request, _service: AuthService) => answer({}, { signIn: null }))
