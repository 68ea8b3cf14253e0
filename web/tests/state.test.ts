import { describe, expect, it } from 'vitest'
import { latent, MAX_TRIES, normals, pooled, project, uniforms } from '../src/latents'
import {
  attempts,
  blend,
  combine,
  fromChange,
  fromDirection,
  fromNumbers,
  fromSeed,
  MAX_TERMS,
  numbersOf,
  type Point,
  read,
  recipeOf,
  withNumbersAdded,
  write,
} from '../src/points'
import { fromHash, START, type State, toHash, VIEWS } from '../src/state'
import { apng, webp } from '../src/ui/containers'
import python from './python.json'

describe('latents are the same numbers as in Python', () => {
  it('uniforms, exactly', () => expect(Array.from(uniforms(python.seed, 6, 3))).toEqual(python.uniforms))
  it('places in a pool, and the latents there', () => {
    const places = [0, 7, python.seed, 2 ** 32 - 1].flatMap(seed => [0, 1, 2, 63].map(i => pooled(seed, i, 64)))
    expect(places).toEqual(python.pooled)
    const [pool, beyond] = [[90, 91, 92, 93], latent(python.seed, 4, 4, 'normal')]
    latent(python.seed, 2, 4, 'normal', pool).forEach((v, i) => expect(v).toBeCloseTo(python.pool_latent[i], 6))
    expect(latent(python.seed, 4, 4, 'normal', pool)).toEqual(beyond)
  })
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
  const space = { dim: 5, kind: 'normal' as const, directions: [[1, 2, 3, 4, 5]], sums: false, blends: false }
  const latentOf = (point: Point, scale: number, of: typeof space) => recipeOf(point, scale, of).latent
  it("write and read are each other's inverse", () => {
    const point = combine([
      [0.5, fromSeed(12, 3)],
      [-0.25, fromSeed(4294967295, 0)],
      [1, fromNumbers(1, -0.05, 0)],
      [2, fromDirection(0)],
    ])
    expect(write(point)).toBe('0.5xs12:3~-0.25xs4294967295:0~n1:-0.05:0~2xd0')
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
  it('a blend keeps its corners apart, joins equal ones, hits each, and is written and read', () => {
    const corners = [fromNumbers(1, 0, 0), fromNumbers(0, 1, 0), fromSeed(1, 1), fromNumbers(1, 0, 0)]
    expect(write(blend(corners, 0, 0.5))).toBe('0.5xn1:0:0~0.5xn0:1:0')
    expect(write(blend(corners, 0.25, 0.25))).toBe('0.625xn1:0:0~0.1875xn0:1:0~0.1875xs1:1')
    expect(read(write(blend(corners, 0.25, 0.25)))).toEqual(blend(corners, 0.25, 0.25))
    expect(blend(corners, 1, 0)).toEqual(fromSeed(1, 1))
    expect(blend([corners[0], blend(corners, 0, 0.5), corners[1], corners[1]], 0, 0.5)).toEqual(blend(corners, 0, 0.25))
    expect(numbersOf(blend(corners, 0, 0.5))).toBe(null)
  })
  it('where latents are added, the numbers of a blend are three numbers again', () => {
    const corners = [fromNumbers(1, 0, 0), fromNumbers(0, 1, 0), fromSeed(1, 1), fromNumbers(0, 0, 1)]
    expect(numbersOf(withNumbersAdded(blend(corners, 0, 0.5)))).toEqual([0.5, 0.5, 0])
    for (const [down, across] of [
      [0, 0.5],
      [0.75, 0.25],
      [1, 0],
    ]) {
      const point = blend(corners, down, across)
      const latents = latentOf(withNumbersAdded(point), 0.7, space)
      latentOf(point, 0.7, space).forEach((v, i) => expect(v).toBeCloseTo(latents[i], 5))
    }
    const plain = [fromSeed(1, 1), fromDirection(3), fromNumbers(0, 0, 0)]
    for (const point of plain) expect(withNumbersAdded(point)).toEqual(point)
  })
  it('what a link cannot hold is left out where it counts least', () => {
    const many = Array.from({ length: MAX_TERMS + 2 }, (_, i): [number, Point] => [(i + 1) / 100, fromSeed(1, i)])
    const point = combine([...many, [1, fromChange(fromSeed(2, 0), fromSeed(2, 1))]])
    expect(read(write(point))).toEqual(point)
    expect(point.length).toBe(MAX_TERMS - 2)
    expect(write(point.slice(0, 1))).toBe('0.06xs1:5')
  })
  describe('of a model that blends features', () => {
    const blending = { ...space, sums: true, blends: true }
    const [a, b] = [fromSeed(1, 0), fromNumbers(1, 0, -1)]
    const mixed = (wa: number, wb: number): Point =>
      combine([
        [wa, a],
        [wb, b],
      ])
    it('a blend is drawn from the latents of its parts, with weights that sum to one', () => {
      const { blend: parts, changes } = recipeOf(mixed(0.25, 0.75), 0.7, blending)
      expect(parts).toEqual([
        { weight: 0.25, latent: latentOf(a, 0.7, blending) },
        { weight: 0.75, latent: latentOf(b, 0.7, blending) },
      ])
      expect(changes).toEqual([])
      expect(recipeOf(mixed(0.25, 0.75), 0.7, { ...blending, blends: false }).blend).toBe(undefined)
    })
    it('weights count by their share', () =>
      expect(recipeOf(mixed(0.5, 1.5), 0.7, blending)).toMatchObject({
        blend: recipeOf(mixed(0.25, 0.75), 0.7, blending).blend,
      }))
    it('one latent, and weights that cancel, are drawn as ever', () => {
      for (const point of [a, mixed(1, -1), mixed(0.5, -0.46), combine([[0.5, a]])]) {
        expect(recipeOf(point, 0.7, blending)).toEqual(recipeOf(point, 0.7, { ...blending, blends: false }))
      }
    })
    it('changes are added to a blend, and are made of blends', () => {
      const point = combine([
        [1, mixed(0.5, 0.5)],
        [2, fromChange(mixed(0.25, 0.75), b)],
        [1, fromDirection(0)],
      ])
      const { blend: parts, changes } = recipeOf(point, 0.7, blending)
      expect(parts!.map(part => part.weight)).toEqual([0.5, 0.5])
      const [minus, plus] = [mixed(0.25, 0.75), b].map(one => recipeOf(one, 0.7, blending))
      expect(minus.blend!.length).toBe(2)
      expect(changes).toEqual([
        { weight: 2, minus, plus },
        { weight: 1, direction: 0 },
      ])
    })
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
    expect(attempts(fromSeed(3, 5), 8, 4)).toHaveLength(8)
    expect(attempts(fromSeed(3, 5), 8, 8), 'of a pool').toEqual([fromSeed(3, 5)])
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
    expect(write(sum)).toBe('s1:0~cs2:5_0.5xn1:0:1z')
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
    ).toBe('s1:0~2xcs2:5_0.5xn1:0:1z')
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
  it('reads the last of so many tries as any model may make', () => {
    for (const point of attempts(fromSeed(3, 5), MAX_TRIES)) expect(read(write(point))).toEqual(point)
  })
  for (const bad of [
    '',
    's1',
    's1:2:3',
    's1:8388608',
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
