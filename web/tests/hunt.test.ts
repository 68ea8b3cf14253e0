import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BONUS, FINDS, Game, LEVELS, rounds, SECONDS } from '../src/hunt/game'
import { copies, cut, Evidence, likeliest, mips, sides } from '../src/hunt/looks'
import { parseRecognizer, Recognizer, type RecognizerFile, type RecognizerHeader } from '../src/hunt/net'
import { normals } from '../src/latents'
import { count, ModelError } from '../src/runtime/container'
import python from './python.json'

const bytes = readFileSync(new URL('../src/runtime/kernels.wasm', import.meta.url))
const instantiate = async (): Promise<WebAssembly.Instance> =>
  (await WebAssembly.instantiate(bytes, { env: { abort() {} } })).instance
const { header, weights } = python.sight as unknown as { header: RecognizerHeader; weights: number[][] }
const [WIDTH, HEIGHT] = [96, 64]

/** The recognizer of tests/test_twins.py. */
function small(): RecognizerFile {
  // Its weights are drawn in the order of the layers, as Python draws them.
  const order = header.ops.flatMap(op => op.w?.[0] ?? [])
  const values = weights.map(shape => new Float32Array(count(shape)))
  let at = 0
  for (const index of order) {
    const size = count(weights[index])
    const spread = Math.sqrt((2 * weights[index][0]) / size)
    values[index] = Float32Array.from(normals(11, size, at), v => spread * v)
    at += size
  }
  const tensors = weights.map(shape => ({ shape, type: 'fp32' as const, offset: 0 }))
  return { header: { ...header, tensors }, tensor: index => values[index] }
}

const frame = Uint8ClampedArray.from({ length: WIDTH * HEIGHT * 4 }, (_, i) =>
  i % 4 === 3 ? 255 : ((Math.floor(i / 4) * 3 + (i % 4)) * 89) % 256,
)

describe('the recognizer', () => {
  it('sees what it sees in Python', async () => {
    const recognizer = await Recognizer.open(small(), WIDTH, HEIGHT, instantiate)
    const { best, places } = recognizer.look(frame)
    python.sight.best.forEach((chance, i) => {
      expect(best[i]).toBeCloseTo(chance, 3)
    })
    python.sight.places.flat().forEach((place, i) => {
      expect(places[i]).toBeCloseTo(place, 4)
    })
  })
  it('refuses what is no recognizer', () => {
    const file = (change: object): ArrayBuffer => {
      const text = JSON.stringify({ format: 1, ...small().header, ...change })
      const body = new TextEncoder().encode(text)
      const data = new Uint8Array(12 + body.length + 400_000)
      data.set(new TextEncoder().encode('chonkpg1'))
      new DataView(data.buffer).setUint32(8, body.length, true)
      data.set(body, 12)
      return data.buffer
    }
    expect(() => parseRecognizer(file({}))).not.toThrow()
    const { ops, shapes, tensors } = small().header
    for (const change of [
      { format: 2 },
      { stickers: 0 },
      { stickers: 5 },
      { search: { ...header.search, area: 1e9 } },
      { search: { ...header.search, step: 3 } },
      { search: { ...header.search, always: [[0.5, 0.5]] } },
      { search: undefined },
      { ops: ops.slice(1) },
      { ops: [ops[1], ops[0], ...ops.slice(2)] },
      { ops: [{ ...ops[0], in: [header.crop] }, ...ops.slice(1)] },
      { ops: ops.map(op => (op.w ? { ...op, w: [99, 1] } : op)) },
      { shapes: [[3, 80, -4], ...shapes.slice(1)] },
      { crop: 0 },
      { tensors: [{ ...tensors[0], offset: 1e6 }, ...tensors.slice(1)] },
    ])
      expect(() => parseRecognizer(file(change)), JSON.stringify(change).slice(0, 80)).toThrow(ModelError)
  })
})

describe('looking', () => {
  it('looks at the middle and at the whole frame in all sizes, whatever its shape', () => {
    const search = { ...header.search, area: 320 * 240, copy: 106 * 80, scales: [1, 0.6, 0.36] }
    for (const [wide, tall] of [
      [640, 480],
      [480, 640],
      [1280, 720],
    ]) {
      const [width, height] = sides(wide, tall, search.area)
      expect(Math.abs(width * height - search.area)).toBeLessThan(500)
      const [near, ...whole] = copies(width, height, search)
      expect(near).toMatchObject({ width: width / search.near, columns: whole[0].columns })
      expect(near.x + near.width / 2).toBeCloseTo(width / 2)
      for (const copy of whole) {
        expect([copy.columns % search.step, copy.rows % search.step]).toEqual([0, 0])
        expect(Math.abs(copy.columns / copy.rows / (width / height) - 1)).toBeLessThan(0.15)
      }
      expect(whole[0].columns * whole[0].rows).toBeLessThan(1.1 * search.copy)
    }
  })
  it('cuts smoothly: a ramp stays a ramp in any size, and goes on beyond the border', () => {
    const ramp = Uint8ClampedArray.from({ length: 64 * 32 * 4 }, (_, i) => 4 * (Math.floor(i / 4) % 64))
    const levels = mips(ramp, 64, 32)
    expect(levels.map(level => [level.width, level.height])).toEqual([
      [64, 32],
      [32, 16],
      [16, 8],
    ])
    for (const columns of [64, 20, 8]) {
      const { values } = cut(levels, { x: 0, y: 0, width: 64, height: 32, columns, rows: columns / 2 })
      const wanted = (i: number): number => (4 * ((i + 0.5) * (64 / columns) - 0.5)) / 127.5 - 1
      for (let i = 1; i < columns - 1; i++) expect(values[3 * i]).toBeCloseTo(wanted(i), 5)
    }
    const beyond = cut(levels, { x: -40, y: -40, width: 16, height: 16, columns: 4, rows: 4 })
    expect(new Set(beyond.values)).toEqual(new Set([levels[2].values[0]]))
  })
  it('keeps one of two places that are nearly the same', () => {
    const place = { x: 50, y: 50, width: 20, chance: 0.9 }
    const places = [
      { ...place, x: 55, chance: 0.5 },
      place,
      { ...place, x: 80, chance: 0.6 },
      { ...place, width: 40, chance: 0.1 },
    ]
    expect(likeliest(places, header.search).map(p => p.chance)).toEqual([0.9, 0.6, 0.1])
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
