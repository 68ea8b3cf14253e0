import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BONUS, FINDS, Game, LEVELS, rounds, SECONDS } from '../src/hunt/game'
import { copies, Evidence } from '../src/hunt/looks'
import { fold, parseRecognizer, Recognizer, type RecognizerFile } from '../src/hunt/net'
import { normals } from '../src/latents'
import { ModelError, type Op } from '../src/runtime/model'
import python from './python.json'

const bytes = readFileSync(new URL('../src/runtime/kernels.wasm', import.meta.url))
const instantiate = async (): Promise<WebAssembly.Instance> =>
  (await WebAssembly.instantiate(bytes, { env: { abort() {} } })).instance
const SEARCH = { area: 107 * 80, scales: [1, 0.6, 0.36], near: 2, side: 16, step: 2, memory: 0.4, enough: 0.5 }

/** The recognizer of tests/test_twins.py. */
function small(): RecognizerFile {
  const shapes = [[8, 12, 8, 8], [8], [8], [8], [4, 8, 1, 1], [4], [4, 4, 1, 1], [4]]
  const tensors: { shape: number[]; values: Float32Array<ArrayBuffer> }[] = []
  let at = 0
  shapes.forEach((shape, i) => {
    const size = shape.reduce((a, b) => a * b, 1)
    let values = new Float32Array(size)
    if (i === 2) values = values.map((_, c) => tensors[0].values.slice(c * 768, (c + 1) * 768).reduce((a, b) => a + b))
    else if (i !== 1) {
      values = Float32Array.from(normals(11, size, at), v => 0.2 * v)
      at += size
    }
    tensors.push({ shape, values })
  })
  const ops: Op[] = [
    { op: 'conv', in: [0], out: 1, w: [0, 1], padding: [0, 0] },
    { op: 'contrast', in: [1], out: 2, w: [2, 3], low: 0.08, slope: 0.2 },
    { op: 'conv', in: [2], out: 3, w: [4, 5], padding: [0, 0], slope: 0.2 },
    { op: 'conv', in: [3], out: 4, w: [6, 7], padding: [0, 0] },
  ]
  const header = {
    stickers: 3,
    search: SEARCH,
    ops,
    tensors: tensors.map(({ shape }) => ({ shape, type: 'fp32' as const, offset: 0 })),
  }
  return { header, tensor: index => tensors[index].values }
}

const frame = Uint8ClampedArray.from({ length: 20 * 28 * 4 }, (_, i) =>
  i % 4 === 3 ? 255 : ((Math.floor(i / 4) * 3 + (i % 4)) * 89) % 256,
)

describe('the recognizer', () => {
  it('sees what it sees in Python', async () => {
    const file = small()
    const copy = { x: 0, y: 0, share: 1, width: 28, height: 20 }
    const recognizer = await Recognizer.open(file, [copy], instantiate)
    const { best, places } = recognizer.look([frame])
    for (let sticker = 0; sticker < 3; sticker++) {
      expect(best[sticker]).toBeCloseTo(python.sight[sticker], 5)
      const cell = python.sight[3 + sticker] // of 3 x 7 windows
      expect(places[2 * sticker]).toBeCloseTo((2 * (cell % 7) + 8) / 28, 6)
      expect(places[2 * sticker + 1]).toBeCloseTo((2 * Math.floor(cell / 7) + 8) / 20, 6)
    }
  })
  it('finds the likeliest of all places and copies', async () => {
    const file = small()
    const whole = { x: 0, y: 0, share: 1, width: 28, height: 20 }
    const part = { ...whole, x: 0.25, y: 0.25, share: 0.5 }
    const dark = frame.map((v, i) => (i % 4 === 3 ? v : v / 4))
    const [one, other] = [
      await Recognizer.open(file, [whole], instantiate),
      await Recognizer.open(file, [part], instantiate),
    ]
    const both = await Recognizer.open(file, [whole, part], instantiate)
    const [a, b, ab] = [one.look([frame]), other.look([dark]), both.look([frame, dark])]
    ab.best.forEach((v, i) => {
      const from = a.best[i] >= b.best[i] ? a : b
      expect(v).toBe(from.best[i])
      expect(ab.places[2 * i]).toBe(from.places[2 * i])
    })
  })
  it('folds pixels as PixelUnshuffle does', () => {
    const to = new Float32Array(12)
    fold(
      Uint8ClampedArray.from({ length: 16 }, (_, i) => 10 * i),
      2,
      2,
      to,
    )
    expect(Array.from(to, v => Math.round((v + 1) * 127.5))).toEqual([
      0, 40, 80, 120, 10, 50, 90, 130, 20, 60, 100, 140,
    ])
  })
  it('refuses what is no recognizer', () => {
    const header = (change: object): ArrayBuffer => {
      const text = JSON.stringify({ format: 1, ...small().header, ...change })
      const body = new TextEncoder().encode(text)
      const data = new Uint8Array(12 + body.length + 40_000)
      data.set(new TextEncoder().encode('chonkpg1'))
      new DataView(data.buffer).setUint32(8, body.length, true)
      data.set(body, 12)
      return data.buffer
    }
    expect(() => parseRecognizer(header({}))).not.toThrow()
    const { ops, tensors } = small().header
    for (const change of [
      { format: 2 },
      { stickers: 0 },
      { stickers: 5 },
      { search: { ...SEARCH, area: 1e9 } },
      { search: { ...SEARCH, step: 4 } },
      { search: undefined },
      { ops: ops.slice(1) },
      { ops: [{ ...ops[0], op: 'eval' }, ...ops.slice(1)] },
      { ops: [{ ...ops[0], w: [9, 1] }, ...ops.slice(1)] },
      { ops: [ops[0], { ...ops[1], w: [0, 3] }, ...ops.slice(2)] },
      { tensors: [{ ...tensors[0], offset: 1e6 }, ...tensors.slice(1)] },
    ])
      expect(() => parseRecognizer(header(change)), JSON.stringify(change)).toThrow(ModelError)
  })
})

describe('looking', () => {
  it('looks at the middle and at the whole frame in all sizes, whatever its shape', () => {
    for (const [width, height] of [
      [640, 480],
      [480, 640],
      [1280, 720],
    ]) {
      const [near, ...whole] = copies(width, height, SEARCH)
      expect(near).toMatchObject({ x: 0.25, y: 0.25, share: 0.5, width: whole[0].width })
      for (const copy of whole) {
        expect([copy.width % 2, copy.height % 2]).toEqual([0, 0])
        expect(Math.abs(copy.width / copy.height / (width / height) - 1)).toBeLessThan(0.12)
      }
      expect(whole[0].width * whole[0].height).toBeLessThan(1.1 * SEARCH.area)
    }
  })
  it('believes what it sees for a while, not a glimpse', () => {
    const evidence = new Evidence(1, 0.4)
    evidence.add([1], 0.1)
    expect(evidence.values[0]).toBeLessThan(0.3)
    for (let i = 0; i < 9; i++) evidence.add([1], 0.1)
    expect(evidence.values[0]).toBeGreaterThan(0.9)
    evidence.add([0], 2)
    expect(evidence.values[0]).toBeLessThan(0.01)
  })
})

describe('the game', () => {
  it('asks for the same ten different stickers in the same order for a seed', () => {
    const [one, again, other] = [rounds(7, 30), rounds(7, 30), rounds(8, 30)]
    expect(one).toEqual(again)
    expect(one).not.toEqual(other)
    expect(one.map(r => r.level)).toEqual([...LEVELS])
    for (const count of [10, 30, 100]) {
      const asked = rounds(3, count).map(r => r.sticker)
      expect(new Set(asked).size).toBe(FINDS)
      expect(Math.max(...asked)).toBeLessThan(count)
    }
    expect(rounds(3, 4).every(r => r.sticker < 4)).toBe(true)
  })
  it('gets harder: late stickers, turned, smaller, covered', () => {
    const many = Array.from({ length: 200 }, (_, seed) => rounds(seed, 100))
    const mean = (i: number): number => many.reduce((sum, r) => sum + r[i].sticker, 0) / many.length
    expect(mean(9)).toBeGreaterThan(mean(0) + 20)
    expect(many.every(r => r[0].turn === 0 && r[0].cover === 0 && r[9].cover > 0 && r[9].size < 1)).toBe(true)
  })
  it('is won with ten finds and lost with the time', () => {
    const won = new Game(1, 30, true)
    won.start()
    for (let i = 0; i < FINDS; i++) {
      expect(won.tick(1)).toBe(false)
      won.find()
    }
    expect([won.status, won.found, won.left]).toEqual(['won', FINDS, SECONDS + FINDS * BONUS - FINDS])
    const lost = new Game(1, 30, true)
    lost.start()
    expect(lost.tick(SECONDS - 1)).toBe(false)
    expect(lost.tick(1)).toBe(true)
    lost.find()
    expect([lost.status, lost.found]).toEqual(['lost', 0])
  })
  it('stands still while it is paused, and nobody loses without a clock', () => {
    const game = new Game(1, 30, true)
    game.start()
    game.pause()
    game.tick(100)
    expect(game.left).toBe(SECONDS)
    game.start()
    game.tick(5)
    expect(game.left).toBe(SECONDS - 5)
    const calm = new Game(1, 30, false)
    calm.start()
    calm.tick(1000)
    expect([calm.status, calm.spent]).toEqual(['playing', 1000])
  })
})
