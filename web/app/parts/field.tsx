// A field: its label above it, a hint below the label, what is wrong with it where one looks.

import type { ComponentProps, ReactNode } from 'react'
import { useTexts } from '../texts/use-texts.tsx'

type Common = { label: string; name: string; hint?: ReactNode; fault?: string | undefined; className?: string }
type FieldProps = Common & Omit<ComponentProps<'input'>, keyof Common>
type SelectProps = Common & Omit<ComponentProps<'select'>, keyof Common>
type TextAreaProps = Common & Omit<ComponentProps<'textarea'>, keyof Common>

export function Field({ label, name, hint, fault, className = '', ...input }: FieldProps) {
  return (
    <Frame {...{ label, name, hint, fault, className }} required={input.required}>
      <input {...input} {...described({ name, hint, fault })} className="input" />
    </Frame>
  )
}

export function SelectField({ label, name, hint, fault, className = '', ...select }: SelectProps) {
  return (
    <Frame {...{ label, name, hint, fault, className }} required={select.required}>
      <select {...select} {...described({ name, hint, fault })} className="input" />
    </Frame>
  )
}

export function TextAreaField({ label, name, hint, fault, className = '', ...area }: TextAreaProps) {
  return (
    <Frame {...{ label, name, hint, fault, className }} required={area.required}>
      <textarea {...area} {...described({ name, hint, fault })} className="input" />
    </Frame>
  )
}

function Frame({
  label,
  name,
  hint,
  fault,
  required,
  className,
  children,
}: Common & { required?: boolean | undefined; children: ReactNode }) {
  const texts = useTexts()
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={name} className="mb-1 block text-small font-semibold">
        {label}
        {required === false && <span className="font-normal text-muted"> ({texts.site.optional})</span>}
      </label>
      {children}
      {fault && (
        <p id={`${name}-fault`} className="mt-1.5 text-small font-medium text-bad">
          {fault}
        </p>
      )}
      {hint && (
        <p id={`${name}-hint`} className="mt-1.5 text-small text-muted">
          {hint}
        </p>
      )}
    </div>
  )
}

function described({ name, hint, fault }: Pick<Common, 'name' | 'hint' | 'fault'>) {
  const describedBy = [fault && `${name}-fault`, hint && `${name}-hint`].filter(Boolean).join(' ')
  return {
    id: name,
    name,
    'aria-invalid': fault ? true : undefined,
    'aria-describedby': describedBy || undefined,
  }
}
