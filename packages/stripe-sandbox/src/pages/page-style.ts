// One stylesheet for all pages, inline and allowed by its hash. Contrast is at least 4.5 for text and 3 for
// field borders, in both color schemes.

/** The stylesheet. */
export const stylesheet = `
:root {
  --paper: #faf7f2; --sheet: #fffdfa; --ink: #17140f; --muted: #665f55; --line: #e2dacd; --edge: #8a8172;
  --act: #b3122a; --act-down: #8e0d20; --on-act: #fff; --good: #1c6b43; --bad: #a3101f; --bad-sheet: #fbecec;
  --note: #fdf0c8; --note-ink: #4a3500;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14110d; --sheet: #1d1914; --ink: #f3eee5; --muted: #b0a698; --line: #37302a; --edge: #857a6b;
    --act: #d8324a; --act-down: #b8253b; --on-act: #fff; --good: #7ec79d; --bad: #ff9a9f; --bad-sheet: #38191b;
    --note: #3b2f0c; --note-ink: #f7e3a5;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
h1, h2, legend { font-weight: 650; line-height: 1.2; text-wrap: balance }
h1 { font-size: 1.75rem; margin: 0 0 1rem }
h2, legend { font-size: 1.1rem; margin: 0 0 .75rem; padding: 0 }
a { color: inherit; text-underline-offset: .2em }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px }
.sandbox { background: var(--note); color: var(--note-ink); padding: .6rem 1rem; text-align: center }
.sandbox p { margin: 0 }
.sandbox strong { text-transform: uppercase; letter-spacing: .06em; font-size: .85em; margin-right: .5em }
main { margin: 0 auto; padding: 2rem 1rem 4rem }
.narrow { max-width: 34rem; padding-top: 4rem }
.checkout { display: grid; gap: 2rem; max-width: 62rem }
@media (min-width: 50rem) {
  .checkout { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); gap: 4rem; padding-top: 3.5rem }
  .summary { position: sticky; top: 2rem; align-self: start }
}
.summary h1 { font-size: 2.75rem; font-variant-numeric: tabular-nums; letter-spacing: -.02em }
.label { display: block; color: var(--muted); font-size: 1rem; font-weight: 400; letter-spacing: 0 }
.items { list-style: none; margin: 0 0 1rem; padding: 0; border-top: 1px solid var(--line) }
.items li { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .9rem 0;
  border-bottom: 1px solid var(--line) }
.name { font-weight: 600; overflow-wrap: anywhere }
.price, .number, td.figure { font-variant-numeric: tabular-nums; white-space: nowrap }
.detail { grid-column: 1; color: var(--muted); overflow-wrap: anywhere }
.hint { color: var(--muted); font-size: .925rem; margin: .75rem 0 0 }
.pay { background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; padding: clamp(1rem, 4vw, 2rem) }
.field { margin: 0 0 1rem; flex: 1 1 9rem }
.pair { display: flex; flex-wrap: wrap; gap: 0 1rem }
label { display: block; font-weight: 550; margin-bottom: .3rem }
.field input { width: 100%; min-height: 2.9rem; padding: .5rem .75rem; font: inherit;
  font-variant-numeric: tabular-nums;
  color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: .4rem }
.field input[aria-invalid] { border: 2px solid var(--bad) }
.error { color: var(--bad); margin: .3rem 0 0; font-size: .925rem }
.problem { background: var(--bad-sheet); border-left: 4px solid var(--bad); border-radius: .25rem;
  padding: .75rem 1rem; margin: 0 0 1.5rem }
.problem p { margin: 0 }
.problem ul { margin: .25rem 0 0; padding-left: 1.2rem }
.problem:focus { outline: none }
.cards { border: 0; margin: 1.5rem 0 1.25rem; padding: 0; min-width: 0 }
.choice { display: flex; gap: .75rem; align-items: center; margin: 0; padding: .4rem .75rem; min-height: 2.5rem;
  font-weight: 400;
  border: 1px solid var(--line); border-top-width: 0; cursor: pointer }
.choice:first-of-type { border-top-width: 1px; border-radius: .4rem .4rem 0 0 }
.choice:last-of-type { border-radius: 0 0 .4rem .4rem }
.choice:has(:checked) { background: var(--paper); box-shadow: inset 3px 0 var(--act) }
.choice:has(:focus-visible) { outline: 3px solid var(--ink); outline-offset: 2px }
.choice input { accent-color: var(--act); flex: none; margin: 0; width: 1.05rem; height: 1.05rem }
.choice input:focus-visible { outline: none }
.choice span { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .6rem }
.choice .number { min-width: 10.25rem; font-size: .925rem }
.choice .what { color: var(--muted); font-size: .9rem }
.pay:has([value="typed"]:not(:checked)) .typed { display: none }
.button { display: inline-block; min-height: 3rem; padding: .7rem 1.5rem; font: inherit; font-weight: 650;
  text-align: center;
  text-decoration: none; color: var(--on-act); background: var(--act); border: 2px solid var(--act);
    border-radius: .4rem; cursor: pointer }
.button:hover { background: var(--act-down); border-color: var(--act-down) }
.pay .button { width: 100%; margin-top: .5rem; font-size: 1.1rem }
.quiet { color: var(--ink); background: transparent; border-color: var(--edge) }
.quiet:hover { color: var(--ink); background: var(--line); border-color: var(--edge) }
.challenge { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 2rem }
.challenge .button { flex: 1 1 10rem }
.books { max-width: 76rem }
.books h2 { margin-top: 2.5rem }
.totals { display: flex; flex-wrap: wrap; gap: 1rem; list-style: none; margin: 1.5rem 0 0; padding: 0 }
.totals li { background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1.25rem;
  color: var(--muted) }
.totals strong { display: block; color: var(--ink); font-size: 1.5rem; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; min-width: 46rem; font-size: .925rem }
th, td { text-align: left; vertical-align: top; padding: .5rem 1.25rem .5rem 0; border-bottom: 1px solid var(--line) }
th { color: var(--muted); font-weight: 400 }
th.figure, td.figure { text-align: right }
time, .good, .bad { white-space: nowrap }
code { font: .875em ui-monospace, monospace }
td code { display: inline-block; max-width: 15rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  vertical-align: bottom }
.good { color: var(--good) }
.bad { color: var(--bad) }
@media (prefers-reduced-motion: no-preference) { .button { transition: background .15s } }
`
