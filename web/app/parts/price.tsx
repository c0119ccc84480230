import { useFormat } from '../texts/use-texts.tsx'

/** Always with its currency, always the whole price. */
export function Price({ price, currency, className = '' }: { price: number; currency: string; className?: string }) {
  return <span className={`numbers font-display font-semibold ${className}`}>{useFormat().money(price, currency)}</span>
}
