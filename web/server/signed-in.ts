/** Whether the browser holds a session; whether it is still good, only the API can say. */
export const isSignedIn = (cookie: string) => /(?:^|;\s*)(?:__Host-)?session=./.test(cookie)
