// Every picture on the page is a weighted sum of a few things with names, so every picture fits into a link.
// The text of a point, terms joined by "~": "s12:3" is latent 3 of seed 12, "n1:0:-0.5" three numbers through the
// fixed matrix, "d2" the model's direction 2, "cs1:0_s2:5z" what makes of the point s1:0 the point s2:5; "0.25x" before one
// is its weight.  chonk/links.py reads the same.
import { type Kind, latent, MAX_TRIES, NEXT_TRY, project, uniforms } from './latents'
import type { Change, Recipe } from './runtime/runtime'

export type Atom =
  | { kind: 'seed'; seed: number; index: number }
  | { kind: 'numbers'; numbers: [number, number, number] }
  | { kind: 'direction'; index: number }
  | { kind: 'change'; minus: Point; plus: Point }

export interface Term {
  weight: number
  atom: Atom
}
export type Point = readonly Term[]

export const TRIES = 8
export const MAX_TERMS = 48
const MAX_WEIGHT = 100

const term = (atom: Atom): Point => [{ weight: 1, atom }]
export const fromSeed = (seed: number, index: number): Point => term({ kind: 'seed', seed, index })
/** What is tried one after the other where a picture at random is wanted and the first is rejected: other latents of its seeds, which
 *  chonk/latents.py takes too, and other numbers that follow from its own.  What is of a pool of `pooled` is not rejected. */
export function attempts(point: Point, tries = TRIES, pooled = 0): Point[] {
  const others = ({ weight, atom }: Term, number: number): Term | null => {
    if (atom.kind === 'seed' && atom.index < NEXT_TRY)
      return { weight, atom: { ...atom, index: atom.index + number * NEXT_TRY } }
    return atom.kind === 'numbers'
      ? { weight, atom: { kind: 'numbers', numbers: otherNumbers(atom.numbers, number) } }
      : null
  }
  if (point.some(one => others(one, 1) === null)) return [point]
  if (point.every(({ atom }) => atom.kind === 'seed' && atom.index < pooled)) return [point]
  return Array.from({ length: tries }, (_, number) => (number ? point.map(one => others(one, number)!) : point))
}

/** Other numbers with the same signs, from 0.3 to 1.3 in steps of 0.05. */
function otherNumbers(numbers: readonly number[], number: number): [number, number, number] {
  const [a, b, c] = numbers
  const seed = Math.round(100 * (a + 20 * b + 400 * c)) // two that differ have seeds that differ
  const sizes = uniforms(seed, 3, 3 * number)
  return numbers.map((n, i) => ((n < 0 ? -1 : 1) * Math.round(6 + 20 * sizes[i])) / 20) as [number, number, number]
}
export const fromNumbers = (a: number, b: number, c: number): Point => term({ kind: 'numbers', numbers: [a, b, c] })
export const fromDirection = (index: number): Point => term({ kind: 'direction', index })
export const fromChange = (minus: Point, plus: Point): Point => term({ kind: 'change', minus, plus })

/** The three numbers of a point that is nothing else, or null. */
export function numbersOf(point: Point): [number, number, number] | null {
  const [{ weight, atom }, ...others] = point
  return atom.kind === 'numbers' && !others.length ? rounded(atom.numbers.map(n => weight * n)) : null
}

const rounded = (numbers: readonly number[]): [number, number, number] =>
  numbers.map(n => Math.round(n * 1e4) / 1e4) as [number, number, number]

/** Sum of points with weights; equal atoms are joined.  Others stay apart, for they may be pictures whose features are blended. */
export function combine(parts: readonly [number, Point][]): Point {
  const found = new Map<string, Term>()
  for (const [factor, point] of parts) {
    for (const { weight, atom } of point) {
      const key = writeAtom(atom)
      const old = found.get(key)
      found.set(key, { weight: factor * weight + (old?.weight ?? 0), atom })
    }
  }
  const terms = [...found.values()].filter(t => Math.abs(t.weight) >= 5e-5)
  return terms.length ? readable(terms) : fromNumbers(0, 0, 0)
}

const sizeOf = (point: Point): number =>
  point.reduce((n, { atom }) => n + (atom.kind === 'change' ? 1 + sizeOf(atom.minus) + sizeOf(atom.plus) : 1), 0)

/** Without the seeds and numbers that count least, where there are more terms than a link may have. */
function readable(point: Point): Point {
  const over = sizeOf(point) - MAX_TERMS
  if (over <= 0) return point
  const dropped = point
    .filter(isLatent)
    .sort((a, b) => Math.abs(a.weight) - Math.abs(b.weight))
    .slice(0, over)
  return point.filter(term => !dropped.includes(term))
}

const isLatent = ({ atom }: Term): boolean => atom.kind === 'seed' || atom.kind === 'numbers'

/** The same point of a model that adds latents, with its numbers in one atom, as the matrix is linear. */
export function withNumbersAdded(point: Point): Point {
  const [numbers, others] = [[0, 0, 0], [] as Term[]]
  for (const term of point) {
    const { weight, atom } = term
    if (atom.kind === 'numbers')
      atom.numbers.forEach((n, i) => {
        numbers[i] += weight * n
      })
    else others.push(term)
  }
  const sum = rounded(numbers)
  return sum.some(n => n !== 0) || !others.length ? [...others, ...fromNumbers(...sum)] : others
}

/** The point between others on a grid whose corners they are: across the rows of the blended left and right edges. */
export function blend(corners: readonly Point[], down: number, across: number): Point {
  const weights = [(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across]
  return combine(corners.map((corner, i) => [weights[i], corner]))
}

const short = (n: number): string => String(Math.round(n * 1e4) / 1e4 || 0)

function writeAtom(atom: Atom): string {
  if (atom.kind === 'seed') return `s${atom.seed}:${atom.index}`
  if (atom.kind === 'change') return `c${write(atom.minus)}_${write(atom.plus)}z`
  return atom.kind === 'direction' ? `d${atom.index}` : `n${atom.numbers.map(short).join(':')}`
}

export const write = (point: Point): string =>
  point.map(t => (short(t.weight) === '1' ? '' : `${short(t.weight)}x`) + writeAtom(t.atom)).join('~')

/** Reads what `write` wrote; null for anything else. */
export function read(text: string): Point | null {
  let at = 0
  let terms = 0
  const passes = (sign: string): boolean => {
    const found = text.startsWith(sign, at)
    if (found) at += sign.length
    return found
  }
  function point(): Point | null {
    const found: Term[] = []
    do {
      const next = term()
      if (!next) return null
      found.push(next)
    } while (passes('~'))
    return found
  }
  // biome-ignore lint/correctness/noUnusedVariables: `point` calls it; the rule stumbles over the recursion
  function term(): Term | null {
    const match = /^(?:(-?\d{1,3}(?:\.\d{1,4})?)x)?(?:([snd])([-\d.:]{1,40})|c)/.exec(text.slice(at))
    const weight = Number(match?.[1] ?? 1)
    if (!match || ++terms > MAX_TERMS || Math.abs(weight) > MAX_WEIGHT) return null
    at += match[0].length
    const atom = match[2]
      ? readAtom(
          match[2],
          match[3].split(':').map(n => (/^-?\d{1,10}(\.\d{1,4})?$/.test(n) ? Number(n) : NaN)),
        )
      : change()
    return atom && { weight, atom }
  }
  function change(): Atom | null {
    const minus = point()
    const plus = minus && passes('_') ? point() : null
    return minus && plus && passes('z') ? { kind: 'change', minus, plus } : null
  }
  const found = point()
  return at === text.length ? found : null
}

function readAtom(kind: string, n: number[]): Atom | null {
  const whole = (x: number, limit: number): boolean => Number.isInteger(x) && x >= 0 && x < limit
  if (kind === 's')
    return n.length === 2 && whole(n[0], 2 ** 32) && whole(n[1], MAX_TRIES * NEXT_TRY)
      ? { kind: 'seed', seed: n[0], index: n[1] }
      : null
  if (kind === 'd') return n.length === 1 && whole(n[0], 64) ? { kind: 'direction', index: n[0] } : null
  return n.length === 3 && n.every(x => Math.abs(x) <= MAX_WEIGHT)
    ? { kind: 'numbers', numbers: n as [number, number, number] }
    : null
}

/** `sums` says whether the model adds features, to which its directions belong too; where it does not, latents are added.
 *  `blends` says whether what lies between pictures is the mean of their features too. */
export interface Space {
  dim: number
  kind: Kind
  directions: readonly (readonly number[])[]
  sums: boolean
  blends: boolean
  pool?: readonly number[]
}

const MIN_TOTAL = 0.05 // of the weights of a blend: below it a mean means nothing

/** What a point is drawn from, with every latent times the scale.  A direction that the model does not have counts as nothing. */
export function recipeOf(point: Point, scale: number, space: Space): Recipe {
  const changes: Change[] = []
  for (const { weight, atom } of space.sums ? point : []) {
    if (atom.kind === 'change')
      changes.push({ weight, minus: recipeOf(atom.minus, scale, space), plus: recipeOf(atom.plus, scale, space) })
    else if (atom.kind === 'direction' && atom.index < space.directions.length)
      changes.push({ weight, direction: atom.index })
  }
  const scaled = (of: Point): Float32Array<ArrayBuffer> => Float32Array.from(latentOf(of, space), x => scale * x)
  const recipe = { latent: scaled(point), changes }
  const parts = point.filter(isLatent)
  const total = parts.reduce((sum, { weight }) => sum + weight, 0)
  if (!space.blends || parts.length < 2 || total <= MIN_TOTAL) return recipe
  return { ...recipe, blend: parts.map(({ weight, atom }) => ({ weight: weight / total, latent: scaled(term(atom)) })) }
}

function latentOf(point: Point, space: Space): Float64Array {
  const sum = new Float64Array(space.dim)
  const add = (weight: number, values: ArrayLike<number>): void => {
    for (let i = 0; i < values.length; i++) sum[i] += weight * values[i]
  }
  for (const { weight, atom } of point) {
    if (atom.kind === 'seed') add(weight, latent(atom.seed, atom.index, space.dim, space.kind, space.pool))
    else if (atom.kind === 'numbers') add(weight, project(atom.numbers, space.dim))
    else if (space.sums) continue
    else if (atom.kind === 'direction') add(weight, space.directions[atom.index] ?? [])
    else {
      add(weight, latentOf(atom.plus, space))
      add(-weight, latentOf(atom.minus, space))
    }
  }
  return sum
}
