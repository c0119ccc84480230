/** Whether the browser holds a session; whether it is still good, only the API can say. */
export const isSignedIn = (cookie: string) => /(?:^|;\s*)(?:__Host-)?session=./.test(cookie)

/** Whether a Set-Cookie header takes the session away. */
export const endsSession = (setCookie: string) => /^(?:__Host-)?session=;/.test(setCookie)
