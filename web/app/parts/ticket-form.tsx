// The form for listing and editing a ticket.

import type { Event } from '@aisle/contracts/entities'
import { useEffect, useState } from 'react'
import { Form } from 'react-router'
import { parseMoney } from '../format/read-money.ts'
import type { Values } from '../format/ticket-values.ts'
import { timeZones } from '../format/time-zones.ts'
import { useSellTexts } from '../texts/sell.ts'
import { useFormat } from '../texts/use-texts.tsx'
import { Submit } from './button.tsx'
import { Field, SelectField, TextAreaField } from './field.tsx'
import { faultsOf, type Rejected, Rejection } from './rejection.tsx'
import { Place, When } from './when.tsx'

type TicketFormProps = {
  values: Values
  /** The ticket's event, if it is fixed. */
  event: Event | null
  rejected: Rejected | undefined
  hidden: Readonly<Record<string, string>>
  submit: string
  pending: string
}

export function TicketForm({ values, event, rejected, hidden, submit, pending }: TicketFormProps) {
  const texts = useSellTexts()
  const typed: Values = rejected && rejected.code !== 'offline' ? { ...values, ...rejected.values } : values
  const { fields } = faultsOf(rejected, texts)
  /** A field by its API name: its value and its fault. */
  const of = (name: string) => ({ name, defaultValue: typed[name], fault: fields[name] })
  return (
    <Form method="post" noValidate className="grid gap-10">
      <div>
        <Rejection rejected={rejected} labels={labelsOf(texts)} />
        {Object.entries(hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {typed.skippedTime && <input type="hidden" name="skippedTime" value={typed.skippedTime} />}
        <fieldset className="grid gap-5">
          <legend className="mb-3 font-display font-semibold text-entry">{texts.sell.ticket}</legend>
          <Field {...of('title')} label={texts.sell.name} hint={texts.sell.nameHint} required maxLength={200} />
          <PriceFields typed={typed} faults={fields} />
        </fieldset>
      </div>
      {event ? (
        <section>
          <h2 className="mb-2 text-entry">{texts.sell.event}</h2>
          <input type="hidden" name="eventId" value={event.id} />
          <p className="font-semibold">
            <bdi>{event.name}</bdi>
          </p>
          <p className="text-muted">
            <When event={event} long /> · <Place event={event} />
          </p>
        </section>
      ) : (
        <fieldset className="grid gap-5 sm:grid-cols-2">
          <legend className="mb-3 font-display font-semibold text-entry">{texts.sell.event}</legend>
          <Field
            {...of('event.name')}
            label={texts.sell.eventName}
            hint={texts.sell.eventNameHint}
            required
            maxLength={200}
            className="sm:col-span-2"
          />
          <Field {...of('event.venue')} label={texts.sell.venue} required maxLength={200} />
          <Field {...of('event.city')} label={texts.sell.city} required={false} maxLength={100} />
          <Field
            {...of('event.startsAt')}
            label={texts.sell.startsAt}
            hint={texts.sell.startsAtHint}
            required
            type="datetime-local"
          />
          <SelectField {...of('event.timeZone')} label={texts.sell.timeZone}>
            {timeZones(typed['event.timeZone']).map((zone) => (
              <option key={zone} value={zone}>
                {zone.replaceAll('_', ' ')}
              </option>
            ))}
          </SelectField>
          <SelectField {...of('event.kind')} label={texts.sell.kind}>
            {typed['event.kind'] === '' && <option value="">{texts.sell.kindNotSaid}</option>}
            {Object.entries(texts.kind).map(([kind, text]) => (
              <option key={kind} value={kind}>
                {text}
              </option>
            ))}
          </SelectField>
        </fieldset>
      )}
      <fieldset id="seat" className="grid grid-cols-2 gap-5 sm:grid-cols-[2fr_1fr_1fr]">
        <legend className="mb-3 font-display font-semibold text-entry">{texts.sell.seat}</legend>
        <p className="col-span-full -mt-3 text-small text-muted">{texts.sell.seatHint}</p>
        <Field {...of('seat.section')} label={texts.sell.section} maxLength={40} className="col-span-2 sm:col-span-1" />
        <Field {...of('seat.row')} label={texts.sell.row} maxLength={20} />
        <Field
          {...of('seat.number')}
          fault={fields['seat.number'] ?? fields.seat}
          label={texts.sell.number}
          maxLength={20}
        />
      </fieldset>
      <TextAreaField
        {...of('description')}
        label={texts.sell.description}
        hint={texts.sell.descriptionHint}
        required={false}
        rows={4}
        maxLength={4000}
      />
      <div>
        <Submit look="main" pending={pending} className="w-full sm:w-auto sm:min-w-60">
          {submit}
        </Submit>
      </div>
    </Form>
  )
}

/** The price as typed, and as buyers will see it. */
function PriceFields({ typed, faults }: { typed: Values; faults: Values }) {
  const texts = useSellTexts()
  const format = useFormat()
  const [price, setPrice] = useState(typed.price ?? '')
  const [currency, setCurrency] = useState(typed.currency ?? 'eur')
  // A form that comes back, or another ticket's, has its own values.
  useEffect(() => {
    setPrice(typed.price ?? '')
    setCurrency(typed.currency ?? 'eur')
  }, [typed.price, typed.currency])
  const minor = parseMoney(price, currency)
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      <Field
        label={texts.sell.price}
        name="price"
        hint={texts.sell.priceHint}
        fault={faults.price}
        required
        inputMode="decimal"
        autoComplete="off"
        maxLength={20}
        value={price}
        onChange={({ target }) => setPrice(target.value)}
      />
      <SelectField
        label={texts.price.currency}
        name="currency"
        fault={faults.currency}
        value={currency}
        onChange={({ target }) => setCurrency(target.value)}
      >
        {Object.entries(texts.currency).map(([code, name]) => (
          <option key={code} value={code}>
            {code.toUpperCase()} · {name}
          </option>
        ))}
      </SelectField>
      <p className="text-small sm:col-span-2" aria-live="polite">
        {minor !== null && (
          <>
            <span className="text-muted">{texts.sell.preview} </span>
            <span className="numbers font-display font-semibold text-lead">{format.money(minor, currency)}</span>
          </>
        )}
      </p>
    </div>
  )
}

type SellTexts = ReturnType<typeof useSellTexts>

const labelsOf = ({ sell, price }: SellTexts): Readonly<Record<string, string>> => ({
  title: sell.name,
  price: sell.price,
  currency: price.currency,
  description: sell.description,
  'event.name': sell.eventName,
  'event.venue': sell.venue,
  'event.city': sell.city,
  'event.startsAt': sell.startsAt,
  'event.timeZone': sell.timeZone,
  'event.kind': sell.kind,
  seat: sell.seat,
  'seat.section': sell.section,
  'seat.row': sell.row,
  'seat.number': sell.number,
})
