import { currencies, type PriceFilter } from '../format/price-filter.ts'
import { useTexts } from '../texts/use-texts.tsx'
import { Field, SelectField } from './field.tsx'

/** The fields that filter by price; `names` are the filters this list supports. */
export function PriceFields({ price, names }: { price: PriceFilter; names: readonly ('min' | 'max')[] }) {
  const texts = useTexts()
  const faultOf = (name: 'min' | 'max') => {
    if (price.faults.includes(name)) return texts.price.fault
    return name === 'max' && price.isCrossed ? texts.price.crossed : undefined
  }
  // A message below one field must not push the others down.
  const className = names.some(faultOf) ? 'self-start' : ''
  return (
    <>
      {names.map((name) => (
        <Field
          key={name}
          className={className}
          label={texts.price[name]}
          name={name}
          inputMode="decimal"
          autoComplete="off"
          maxLength={20}
          defaultValue={price.typed[name]}
          fault={faultOf(name)}
        />
      ))}
      <SelectField
        className={className}
        label={texts.price.currency}
        name="currency"
        defaultValue={price.typed.currency}
      >
        {currencies.map((currency) => (
          <option key={currency} value={currency}>
            {texts.currency[currency]}
          </option>
        ))}
      </SelectField>
    </>
  )
}
