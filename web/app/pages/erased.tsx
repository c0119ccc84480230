// Where a visitor is led whose account has just been erased.

import { Link } from 'react-router'
import { Head } from '../parts/head.tsx'
import { useErasureTexts } from '../texts/erasure.ts'

export default function Erased() {
  const { erasure } = useErasureTexts()
  return (
    <div className="page max-w-lg py-16">
      <Head title={erasure.done} />
      <h1 className="text-title">{erasure.done}</h1>
      <p className="mt-2 mb-6 text-muted">{erasure.doneHint}</p>
      <p>
        <Link className="link" to="/">
          {erasure.home}
        </Link>
      </p>
    </div>
  )
}
