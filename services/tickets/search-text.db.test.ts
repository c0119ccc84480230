// Search words in the database that searches them: 1,700 event names as they are written, each found by its own
// beginning, and alternative spellings.

import { readFileSync } from 'node:fs'
import { connect } from '@aisle/kit/db/connect'
import { cloneDatabases, type TestDatabases } from '@aisle/kit/testing/databases'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { searchQuery, searchWords } from './search-text.ts'

const names = readFileSync(new URL('event-names.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)

let databases: TestDatabases
let sql: ReturnType<typeof connect>
beforeAll(async () => {
  databases = await cloneDatabases(inject('postgres'), ['tickets'])
  sql = connect(databases.url('tickets'), { max: 1 })
})
afterAll(async () => {
  await sql?.end()
  await databases?.[Symbol.asyncDispose]()
})

type Asked = { name: string; typed: string }

/** The names that are not found by what was typed for them. */
async function notFound(asked: readonly Asked[]): Promise<Asked[]> {
  const rows = await sql<{ place: string }[]>`
    select place from unnest(${asked.map(({ name }) => searchWords(name).join(' '))}::text[],
      ${asked.map(({ typed }) => searchQuery(typed))}::text[]) with ordinality a (words, query, place)
    where (array_to_tsvector(string_to_array(words, ' ')) @@ query::tsquery) is not true`
  return rows.map(({ place }) => asked[Number(place) - 1]!)
}

const firstWords = (name: string) => name.split(/\s+/).slice(0, 3).join(' ')

it('there are many names, and none twice', () => {
  expect(names.length).toBeGreaterThan(1_500)
  expect(new Set(names).size).toBe(names.length)
})

describe('every event is found by the first three words of its name', () => {
  const spellings: Record<string, (typed: string) => string> = {
    'as they are': (typed) => typed,
    'in small letters': (typed) => typed.toLowerCase(),
    'in capitals': (typed) => typed.toUpperCase(),
    'decomposed (NFD)': (typed) => typed.normalize('NFD'),
    'without accents': (typed) => typed.normalize('NFD').replaceAll(/[\u0300-\u036f]/g, ''),
    'full width': (typed) =>
      typed.replaceAll(/[!-~]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0)),
  }

  it.each(Object.entries(spellings))('%s', async (_, spell) => {
    const asked = names.map((name) => ({ name, typed: spell(firstWords(name)) }))
    expect(await notFound(asked.filter(({ typed }) => searchQuery(typed) !== null))).toEqual([])
  })

  it('before the last letter is typed', async () => {
    const asked = names
      .map((name) => ({ name, typed: firstWords(name).normalize('NFC').replace(/.$/u, '') }))
      .filter(({ typed }) => /(\p{L}|\p{N}){2}$/u.test(typed))
    expect(asked.length).toBeGreaterThan(1_300)
    expect(await notFound(asked)).toEqual([])
  })

  it('stored decomposed (NFD)', async () => {
    expect(await notFound(names.map((name) => ({ name: name.normalize('NFD'), typed: firstWords(name) })))).toEqual([])
  })

  it('without what stands between letters', async () => {
    const bare = (name: string) => firstWords(name).replaceAll(/[^\p{L}\p{M}\p{N}\p{Cf}\s]/gu, ' ')
    const asked = names.map((name) => ({ name, typed: bare(name) }))
    expect(await notFound(asked.filter(({ typed }) => typed.trim() !== ''))).toEqual([])
  })
})

describe('a name is found by its usual spellings', () => {
  const usual: Record<string, readonly string[]> = {
    'AC/DC': ['ac/dc', 'ac dc', 'acdc', 'AC-DC', 'ac/d'],
    ACDC: ['ac/dc'],
    'R.E.M.': ['rem', 'r.e.m.', 'r.e.m', 'r e m', 'R.E.'],
    REM: ['r.e.m.'],
    '24/7': ['24/7', '24 7', '247', '٢٤/٧'],
    'will.i.am': ['will.i.am', 'will i am', 'william', 'will i'],
    'Formula-1': ['formula-1', 'formula 1', 'formula1', 'F o r m u l a-1'.replaceAll(' ', '')],
    'Formula 1': ['formula1', 'formula-1'],
    'Row 5-7': ['7', '5', 'row 7', '5-7'],
    'AB・CD': ['ab', 'cd', 'abcd', 'ＡＢ・ＣＤ'],
    'Slayer/Megadeth/Exodus': ['megadeth', 'exodus slayer'],
    Beyoncé: ['beyonce', 'BEYONCE', 'Beyonce\u0301'],
    'Sigur Rós': ['sigur ros'],
    Björk: ['bjork', 'bjoerk'],
    Łódź: ['lodz'],
    'Straße 17': ['strasse', 'STRASSE', 'STRAẞE'],
    Ærø: ['aero', 'ærø', 'AERO'],
    Köln: ['koln', 'koeln', 'KÖLN'],
    Koeln: ['köln'],
    Ålesund: ['alesund', 'aalesund'],
    'İstanbul Caz': ['istanbul', 'ISTANBUL', 'İSTANBUL'],
    'Işın Karaca': ['isin', 'ışın'],
    'Đorđe Balašević': ['dorde balasevic'],
    'Cœur de pirate': ['coeur'],
    'Guns N’ Roses': ["guns n' roses", 'guns n roses', 'guns and roses', 'guns & roses'],
    'Simon & Garfunkel': ['simon and garfunkel', 'simon und garfunkel'],
    'Simon and Garfunkel': ['simon & garfunkel'],
    "O'Connor": ['oconnor', 'o’connor', 'connor'],
    'L’Impératrice': ["l'imperatrice", 'imperatrice', 'limperatrice'],
    'P!nk': ['pink', 'p!nk'],
    Ke$ha: ['kesha', 'ke$ha'],
    $uicideboy$: ['suicideboys', '$uicideboy$'],
    '!!! (Chk Chk Chk)': ['!!!', 'chk chk chk'],
    '10,000 Maniacs': ['10000 maniacs', '10,000', '10.000'],
    '9¾ Brunch': ['9 3/4', '9¾'],
    Hawaiʻi: ['hawaii', "hawai'i"],
    'موسيقى ٢٠٢٧': ['2027', 'موسيقي', 'مُوسِيقَى'],
    'إيقاعات أندلسية': ['ايقاعات اندلسيه'],
    می‌خواهم: ['میخواهم', 'می خواهم', 'ميخواهم'],
    'שָׁלוֹם עֲלֵיכֶם': ['שלום'],
    'צה״ל': ['צהל', 'צה"ל'],
    'नमस्ते भारत': ['नमस्ते', 'भारत', 'भा'],
    คอนเสิร์ตใหญ่คาราบาว: ['คอนเสิร์ต', 'คาราบาว', 'ใหญ่ คาราบาว'],
    周杰伦嘉年华世界巡回演唱会: ['周杰伦', '嘉年华', '周杰伦 演唱会', '世界巡回演唱会', '周'],
    東京スカパラダイスオーケストラ: ['東京', 'スカパラ', 'オーケストラ', 'ｵｰｹｽﾄﾗ'],
    'フジロック・フェスティバル’27': ['フェスティバル', '27'],
    '방탄소년단 월드투어': ['방탄', '월드투어', '방탄소년단'.normalize('NFD')],
    Чайковский: ['чайковский', 'ЧАЙКОВСКИЙ'],
    Рождённый: ['рожденный'],
    ΟΔΥΣΣΕΥΣ: ['οδυσσεύς', 'Οδυσσέας'.slice(0, 6)],
    'Χάρις Αλεξίου': ['χαρις αλεξιου'],
  }

  it.each(Object.entries(usual))('%s', async (name, spellings) => {
    expect(await notFound(spellings.map((typed) => ({ name, typed })))).toEqual([])
  })

  it('and not by words that it does not have', async () => {
    const others = [
      { name: 'R.E.M.', typed: 'remix' },
      { name: 'Remix Festival', typed: 'r.e.m.' },
      { name: 'AC/DC', typed: 'ac/ab' },
      { name: 'Row 57', typed: '7' },
      { name: 'Andorra', typed: 'd' },
      { name: 'Simon & Garfunkel', typed: 'simon andorra' },
      { name: '東京ドーム', typed: '京都' },
    ]
    expect(await notFound(others)).toEqual(others)
  })
})
