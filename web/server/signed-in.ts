/** Whether the browser has a session cookie; only the API knows whether the session is still valid. */
export const isSignedIn = (cookie: string) => /(?:^|;\s*)(?:__Host-)?session=./.test(cookie)

/** Whether a Set-Cookie header deletes the session. */
export const endsSession = (setCookie: string) => /^(?:__Host-)?session=;/.test(setCookie)
