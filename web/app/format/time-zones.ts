// The selectable time zones. This is a list of our own, because the zones a runtime knows differ between the
// server and browsers.

const zones = [
  'Europe/Amsterdam Europe/Athens Europe/Berlin Europe/Brussels Europe/Bucharest Europe/Budapest Europe/Copenhagen Europe/Dublin Europe/Helsinki',
  'Europe/Istanbul Europe/Kyiv Europe/Lisbon Europe/London Europe/Luxembourg Europe/Madrid Europe/Oslo Europe/Paris Europe/Prague Europe/Rome',
  'Europe/Sofia Europe/Stockholm Europe/Tallinn Europe/Vienna Europe/Vilnius Europe/Warsaw Europe/Zagreb Europe/Zurich Atlantic/Reykjavik',
  'America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Chicago America/Denver America/Halifax America/Lima America/Los_Angeles',
  'America/Mexico_City America/New_York America/Phoenix America/Santiago America/Sao_Paulo America/St_Johns America/Toronto America/Vancouver',
  'Asia/Bangkok Asia/Dubai Asia/Hong_Kong Asia/Jakarta Asia/Jerusalem Asia/Kolkata Asia/Kuala_Lumpur Asia/Manila Asia/Seoul Asia/Shanghai',
  'Asia/Singapore Asia/Taipei Asia/Tokyo Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos Africa/Nairobi Australia/Adelaide',
  'Australia/Brisbane Australia/Melbourne Australia/Perth Australia/Sydney Pacific/Auckland Pacific/Honolulu UTC',
].flatMap((line) => line.split(' '))

/** Every zone of the list, plus `keep` if it is not among them. */
export const timeZones = (keep: string | undefined): readonly string[] =>
  keep && !zones.includes(keep) ? [keep, ...zones] : zones
