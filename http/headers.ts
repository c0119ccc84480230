// The security headers of every answer, whatever sends it: a page, a file, a service, the front door, or an error
// of any of them.

const plain = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
}

/** The policy for answers that are not pages: they load nothing, and are framed by nothing. */
const nothing = "default-src 'none'; frame-ancestors 'none'"

/** The headers for a site at `publicUrl`; `policy` is the Content-Security-Policy of a page. */
export const securityHeaders = (publicUrl: string, policy = nothing): Record<string, string> => ({
  'content-security-policy': policy,
  ...plain,
  ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
})

/**
 * Sent when a session ends: the browser deletes what it has stored of the site. Cookies stay, since one of them is
 * the device's.
 */
export const clearSiteData = { 'clear-site-data': '"cache", "storage"' }
