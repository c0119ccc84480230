// A field: its label above it, a hint below the label, and its fault where the user looks.

import type { ComponentProps, ReactNode } from 'react'
import { useTexts } from '../texts/use-texts.tsx'

type Common = {
  label: string
  name: string
  /** For pages with several fields of one name. */
  id?: string | undefined
  hint?: ReactNode
  fault?: string | undefined
  className?: string
}
type FieldProps = Common & Omit<ComponentProps<'input'>, keyof Common>
type SelectProps = Common & Omit<ComponentProps<'select'>, keyof Common>
type TextAreaProps = Common & Omit<ComponentProps<'textarea'>, keyof Common>

export function Field({ label, name, id = name, hint, fault, className = '', ...input }: FieldProps) {
  return (
    <Frame {...{ label, id, hint, fault, className }} required={input.required}>
      <input
        dir={isText(input.type) ? 'auto' : undefined}
        {...input}
        name={name}
        {...described({ id, hint, fault })}
        className="input"
      />
    </Frame>
  )
}

/** Whether the text may be typed in another direction than that of the page. */
const isText = (type: string | undefined) => type === undefined || type === 'text' || type === 'search'

export function SelectField({ label, name, id = name, hint, fault, className = '', ...select }: SelectProps) {
  return (
    <Frame {...{ label, id, hint, fault, className }} required={select.required}>
      <select {...select} name={name} {...described({ id, hint, fault })} className="input" />
    </Frame>
  )
}

export function TextAreaField({ label, name, id = name, hint, fault, className = '', ...area }: TextAreaProps) {
  return (
    <Frame {...{ label, id, hint, fault, className }} required={area.required}>
      <textarea dir="auto" {...area} name={name} {...described({ id, hint, fault })} className="input" />
    </Frame>
  )
}

function Frame({
  label,
  id,
  hint,
  fault,
  required,
  className,
  children,
}: Omit<Common, 'name'> & { required?: boolean | undefined; children: ReactNode }) {
  const texts = useTexts()
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className="mb-1 block text-small font-semibold">
        {label}
        {required === false && <span className="font-normal text-muted"> ({texts.site.optional})</span>}
      </label>
      {children}
      {fault && (
        <p id={`${id}-fault`} className="mt-1.5 text-small font-medium text-bad">
          {fault}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="mt-1.5 text-small text-muted">
          {hint}
        </p>
      )}
    </div>
  )
}

function described({ id, hint, fault }: Pick<Common, 'id' | 'hint' | 'fault'>) {
  const describedBy = [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(' ')
  return {
    id,
    'aria-invalid': fault ? true : undefined,
    'aria-describedby': describedBy || undefined,
  }
}
