import { describe, expect, it } from 'vitest'
import { latent, normals, project, uniforms } from '../src/latents'
import {
  attempts,
  blend,
  combine,
  fromChange,
  fromDirection,
  fromNumbers,
  fromSeed,
  numbersOf,
  type Point,
  read,
  recipeOf,
  write,
} from '../src/points'
import { fromHash, START, type State, toHash, VIEWS } from '../src/state'
import { apng, webp } from '../src/ui/containers'
import python from './python.json'

describe('latents are the same numbers as in Python', () => {
  it('uniforms, exactly', () => expect(Array.from(uniforms(python.seed, 6, 3))).toEqual(python.uniforms))
  it('normals and projections', () => {
    Array.from(normals(python.seed, 6, 2)).forEach((v, i) => expect(v).toBeCloseTo(python.normals[i], 12))
    Array.from(latent(python.seed, 5, 4, 'normal')).forEach((v, i) => expect(v).toBeCloseTo(python.normal_latent[i], 6))
    Array.from(latent(python.seed, 5, 4, 'uniform')).forEach((v, i) =>
      expect(v).toBeCloseTo(python.uniform_latent[i], 6),
    )
    Array.from(project([1, -0.5, 0.25], 5)).forEach((v, i) => expect(v).toBeCloseTo(python.projected[i], 6))
  })
})

it('tries the latents that Python tries, where a picture is rejected', () =>
  expect(attempts(fromSeed(3, 5))).toEqual(python.attempts.map(index => fromSeed(3, index))))

describe('points', () => {
  const space = { dim: 5, kind: 'normal' as const, directions: [[1, 2, 3, 4, 5]], sums: false }
  const latentOf = (point: Point, scale: number, of: typeof space) => recipeOf(point, scale, of).latent
  it("write and read are each other's inverse", () => {
    const point = combine([
      [0.5, fromSeed(12, 3)],
      [-0.25, fromSeed(4294967295, 0)],
      [1, fromNumbers(1, -0.05, 0)],
      [2, fromDirection(0)],
    ])
    expect(write(point)).toBe('0.5xs12:3~-0.25xs4294967295:0~2xd0~n1:-0.05:0')
    expect(read(write(point))).toEqual(point)
  })
  it('a sum of points has the sum of their latents, times the scale', () => {
    const [a, b] = [
      combine([
        [1, fromSeed(1, 2)],
        [0.5, fromDirection(0)],
      ]),
      fromNumbers(0.5, 1, -1),
    ]
    const sum = latentOf(
      combine([
        [0.25, a],
        [-2, b],
      ]),
      0.7,
      space,
    )
    const [za, zb] = [latentOf(a, 1, space), latentOf(b, 1, space)]
    sum.forEach((v, i) => expect(v).toBeCloseTo(0.7 * (0.25 * za[i] - 2 * zb[i]), 5))
  })
  it('what cancels is gone, and nothing left is the middle', () =>
    expect(
      write(
        combine([
          [1, fromSeed(1, 1)],
          [-1, fromSeed(1, 1)],
        ]),
      ),
    ).toBe('n0:0:0'))
  it('a blend of numbers is numbers, and hits its corners', () => {
    const corners = [fromNumbers(1, 0, 0), fromNumbers(0, 1, 0), fromSeed(1, 1), fromNumbers(0, 0, 1)]
    expect(numbersOf(blend(corners, 0, 0.5))).toEqual([0.5, 0.5, 0])
    expect(blend(corners, 1, 0)).toEqual(fromSeed(1, 1))
    expect(numbersOf(blend(corners, 0.5, 0))).toBe(null)
  })
  it('what was changed or drawn again before is never drawn again', () => {
    for (const point of [
      combine([
        [1, fromSeed(1, 2)],
        [1, fromDirection(0)],
      ]),
      fromSeed(1, 2 ** 17),
      fromChange(fromSeed(1, 0), fromSeed(1, 1)),
    ]) {
      expect(attempts(point)).toEqual([point])
    }
  })
  it('a blend is drawn again from other latents of its seeds, three numbers from others with the same signs', () => {
    const blend = combine([
      [0.5, fromSeed(1, 2)],
      [0.5, fromSeed(1, 3)],
    ])
    expect(attempts(blend).map(write).slice(0, 2)).toEqual(['0.5xs1:2~0.5xs1:3', '0.5xs1:131074~0.5xs1:131075'])
    const numbers = attempts(fromNumbers(1, -0.5, 0.25))
    expect(numbers[0]).toEqual(fromNumbers(1, -0.5, 0.25))
    expect(new Set(numbers.map(write)).size).toBe(numbers.length)
    for (const point of numbers) expect(write(point)).toMatch(/^n[01][.\d]*:-[01][.\d]*:[01][.\d]*$/)
    expect(attempts(fromNumbers(1, -0.5, 0.25))).toEqual(numbers)
  })
  it('a change is a part of a point like any other, and is written and read', () => {
    const [a, b, c] = [fromSeed(1, 0), fromSeed(2, 5), combine([[0.5, fromNumbers(1, 0, 1)]])]
    const sum = combine([
      [1, a],
      [1, fromChange(b, c)],
    ])
    expect(write(sum)).toBe('s1:0~cs2:5_n0.5:0:0.5z')
    const nested = combine([
      [0.5, sum],
      [-2, fromChange(sum, fromDirection(0))],
    ])
    for (const point of [sum, nested]) expect(read(write(point))).toEqual(point)
    expect(
      write(
        combine([
          [1, sum],
          [1, fromChange(b, c)],
        ]),
      ),
    ).toBe('s1:0~2xcs2:5_n0.5:0:0.5z')
    expect(
      write(
        combine([
          [1, sum],
          [-1, fromChange(b, c)],
        ]),
      ),
    ).toBe('s1:0')
  })
  it('a change is the difference of latents where the model has nothing better', () => {
    const [a, b, c] = [fromSeed(1, 0), fromSeed(2, 5), fromSeed(3, 1)]
    const sum = combine([
      [1, a],
      [2, fromChange(b, c)],
    ])
    const [za, zb, zc] = [a, b, c].map(point => latentOf(point, 1, space))
    latentOf(sum, 0.7, space).forEach((v, i) => expect(v).toBeCloseTo(0.7 * (za[i] + 2 * zc[i] - 2 * zb[i]), 5))
    const recipe = recipeOf(sum, 0.7, { ...space, sums: true })
    const plain = (point: Point) => ({ latent: latentOf(point, 0.7, space), changes: [] })
    const steps = recipeOf(
      combine([
        [1, a],
        [-0.5, fromDirection(0)],
        [1, fromDirection(1)],
      ]),
      0.7,
      { ...space, sums: true },
    )
    expect(steps).toEqual({ latent: plain(a).latent, changes: [{ weight: -0.5, direction: 0 }] })
    expect(recipe).toEqual({ latent: plain(a).latent, changes: [{ weight: 2, minus: plain(b), plus: plain(c) }] })
  })
  it('an unknown direction counts as nothing', () =>
    expect(Array.from(latentOf(fromDirection(9), 1, space))).toEqual([0, 0, 0, 0, 0]))
  for (const bad of [
    '',
    's1',
    's1:2:3',
    's-1:0',
    's4294967296:0',
    'n1:2',
    'n1:2:101',
    '101xs1:1',
    'd64',
    'x',
    's1:1~',
    Array(49).fill('s1:1').join('~'),
    'cs1:1z',
    'cs1:1_s1:2',
    'cs1:1_s1:2zs1:1',
    'c_s1:1z',
    'c'.repeat(60),
    `${'cs1:1_'.repeat(25)}s1:1${'z'.repeat(25)}`,
  ]) {
    it(`refuses ${bad.slice(0, 20)}`, () => expect(read(bad)).toBe(null))
  }
})

describe('addresses', () => {
  const full: State = {
    ...START,
    model: 'cats',
    seed: 99,
    scale: 0.65,
    corners: [0, 1, 2, 3].map(i => fromSeed(3, i)),
    subject: fromNumbers(1, 2, 3),
  }
  for (const view of VIEWS) {
    it(`${view}: read again, it is the same address`, () => {
      const hash = toHash({ ...full, view })
      const again = fromHash(hash, START, ['cats'])
      expect(again && toHash(again)).toBe(hash)
    })
  }
  it('nothing is the start', () => expect(fromHash('', START, [])).toBe(START))
  for (const bad of [
    '#v2&view=grid',
    '#x',
    '#v1&view=cellar',
    '#v1&model=dogs',
    '#v1&scale=9',
    '#v1&seed=x',
    '#v1&seed=1&seed=2',
    '#v1&view=corners&at=n1:0:0',
    '#v1&view=grid&at=s1:1',
    '#v1&model=%E0%A4%A',
    '#v1&evil=1',
    `#v1&${'a'.repeat(9000)}`,
  ]) {
    it(`refuses ${bad.slice(0, 30)}`, () => expect(fromHash(bad, START, ['cats'])).toBe(null))
  }
})

describe('animated files', () => {
  it('webp: the container says the size, the frames and their time', () => {
    const still = Uint8Array.from([...'RIFF....WEBPVP8L'].map(c => c.charCodeAt(0)).concat([3, 0, 0, 0, 7, 8, 9, 0]))
    const file = webp([still, still], 256, 125)
    const text = String.fromCharCode(...file)
    expect(text.slice(8, 16)).toBe('WEBPVP8X')
    expect(new DataView(file.buffer).getUint32(4, true)).toBe(file.length - 8)
    expect(text.split('ANMF').length - 1).toBe(2)
    const frame = text.indexOf('ANMF') + 8
    expect([file[frame + 6], file[frame + 9], file[frame + 12]]).toEqual([255, 255, 125])
    expect(text.slice(frame + 16, frame + 20)).toBe('VP8L')
  })
  it("png: chunks carry the standard's check sum", () => {
    const iend = [0, 0, 0, 0, 73, 69, 78, 68, 0xae, 0x42, 0x60, 0x82]
    const head = [0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 31, 21, 196, 137]
    const still = Uint8Array.from([
      137,
      80,
      78,
      71,
      13,
      10,
      26,
      10,
      ...head,
      0,
      0,
      0,
      2,
      73,
      68,
      65,
      84,
      1,
      2,
      0,
      0,
      0,
      0,
      ...iend,
    ])
    const file = apng([still, still, still], 100)
    expect(Array.from(file.slice(0, 33))).toEqual([137, 80, 78, 71, 13, 10, 26, 10, ...head])
    expect(Array.from(file.slice(-12))).toEqual(iend)
    const text = String.fromCharCode(...file)
    expect([text.split('fcTL').length, text.split('fdAT').length, text.split('IDAT').length]).toEqual([4, 3, 2])
  })
})
