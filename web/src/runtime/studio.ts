// The page's side of the drawing threads.  Pictures wait here, not in the worker, so the newest wish always wins:
// asking again under the same name drops what that name had asked for before.
import { parseModel, type Header } from './model'
import type { Failure, FromWorker, ToWorker } from './worker'
import DrawingWorker from './worker?worker&inline'

export type Trouble = Failure | 'network' | 'noworker'
export class StudioError extends Error {
  constructor(readonly trouble: Trouble, detail = '') { super(`${trouble} ${detail}`) }
}

export type Show = (index: number, pixels: ImageData) => void
interface Wish { name: string; latents: Float32Array<ArrayBuffer>[]; order: number[]; show: Show; left: number; done: (whole: boolean) => void }

export interface Studio {
  readonly header: Header
  /** Draws the latents (in `order` if given) and shows each as it comes; true when all were, false if a newer wish came. */
  draw(name: string, latents: Float32Array<ArrayBuffer>[], show: Show, order?: number[]): Promise<boolean>
  /** Milliseconds that the last picture took. */
  readonly pace: number
  close(): void
}

/** Fetches a file, telling how far it is (0 to 1).  Raises StudioError("network"). */
export async function fetchModel(url: string, bytes: number, progress: (share: number) => void): Promise<ArrayBuffer> {
  try {
    const response = await fetch(url)
    if (!response.ok || !response.body) throw new Error(`status ${response.status}`)
    const parts: Uint8Array[] = []
    let have = 0
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      have += value.length
      progress(Math.min(1, have / bytes))
    }
    const whole = new Uint8Array(have)
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole.buffer
  } catch (error) {
    throw new StudioError('network', String(error))
  }
}

export async function openStudio(data: ArrayBuffer, sha256: string, threads: number): Promise<Studio> {
  const wishes: Wish[] = []
  const workers: Worker[] = []
  const idle: Worker[] = []
  let pace = 0

  async function hire(): Promise<void> {
    let worker: Worker
    try {
      worker = new DrawingWorker()
    } catch (error) {
      throw new StudioError('noworker', String(error))
    }
    workers.push(worker)
    await new Promise<void>((resolve, reject) => {
      worker.onerror = event => { event.preventDefault(); reject(new StudioError('noworker', event.message)) }
      worker.onmessage = ({ data: reply }: MessageEvent<FromWorker>) => {
        if (reply.type === 'ready') resolve()
        else if (reply.type === 'failed') reject(new StudioError(reply.failure, reply.detail))
      }
      const message: ToWorker = { type: 'load', data, sha256 }
      worker.postMessage(message)
    })
    idle.push(worker)
    next()
  }

  function next(): void {
    while (idle.length) {
      const wish = wishes.find(w => w.order.length)
      if (!wish) return
      const worker = idle.pop()!
      const index = wish.order.shift()!
      worker.onmessage = ({ data: reply }: MessageEvent<FromWorker>) => {
        if (reply.type !== 'picture') return
        pace = reply.milliseconds
        idle.push(worker)
        if (wishes.includes(wish)) {
          wish.show(index, new ImageData(reply.pixels, header.size, header.size))
          if (--wish.left === 0) {
            wishes.splice(wishes.indexOf(wish), 1)
            wish.done(true)
          }
        }
        next()
      }
      const message: ToWorker = { type: 'draw', latent: wish.latents[index] }
      worker.postMessage(message)
    }
  }

  const { header } = parseHeader(data)
  try {
    await hire()
  } catch (error) {
    workers.forEach(worker => worker.terminate())
    throw error
  }
  // The others start when the first picture is out; one that fails is only one fewer.
  setTimeout(() => { for (let i = 1; i < threads; i++) hire().catch(() => {}) }, 1500)

  return {
    header,
    get pace() { return pace },
    draw(name, latents, show, order = latents.map((_, i) => i)) {
      const old = wishes.findIndex(w => w.name === name)
      if (old >= 0) wishes.splice(old, 1)[0].done(false)
      return new Promise(done => {
        if (!latents.length) return done(true)
        wishes.push({ name, latents, order: [...order], show, left: order.length, done })
        next()
      })
    },
    close() {
      workers.forEach(worker => worker.terminate())
      wishes.splice(0).forEach(wish => wish.done(false))
    },
  }
}

function parseHeader(data: ArrayBuffer): { header: Header } {
  try {
    return parseModel(data)
  } catch (error) {
    throw new StudioError('unreadable', String(error))
  }
}
