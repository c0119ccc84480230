// "1 ticket", "1,204 tickets": the language's plural form for a number, with the number in the language's
// format.

export function plural(locale: string, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }) {
  const rules = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  return (count: number) => (forms[rules.select(count)] ?? forms.other).replace('#', numbers.format(count))
}
