// What every answer says to browsers, whoever of us gives it: a page, a file, a service, the front door, and each error of theirs.

const plain = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
}

/** Of what is not a page: it loads nothing, and is shown in nothing. */
const nothing = "default-src 'none'; frame-ancestors 'none'"

/** The headers for a site at `publicUrl`; `policy` is the Content-Security-Policy of a page. */
export const securityHeaders = (publicUrl: string, policy = nothing): Record<string, string> => ({
  'content-security-policy': policy,
  ...plain,
  ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
})

/** Beside the end of a session: what the browser has kept of it goes. Its cookies stay, for one of them is the device's. */
export const clearSiteData = { 'clear-site-data': '"cache", "storage"' }
