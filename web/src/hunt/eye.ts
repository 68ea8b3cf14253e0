// The page's side of the thread that looks: takes small copies of the camera's frames and hears what is in them.
import { fetchModel, RendererError } from '../runtime/renderer'
import type { Copy, Search } from './looks'
import type { FromWorker, ToWorker } from './worker'
import LookingWorker from './worker?worker&inline'

export interface Seen {
  best: Float32Array
  places: Float32Array
  /** Milliseconds that the look took. */
  milliseconds: number
  /** Mean brightness of the frame, 0 to 1. */
  light: number
}

export class Eye {
  private copies: { copy: Copy; pen: CanvasRenderingContext2D }[] = []
  private size = ''
  /** The frame that was looked at last: the camera has moved on meanwhile. */
  readonly frame = document.createElement('canvas')

  private constructor(
    private readonly worker: Worker,
    readonly stickers: number,
    readonly search: Search,
  ) {}

  /** Fetches the recognizer.  Raises RendererError. */
  static async open(
    file: { file: string; bytes: number; sha256: string },
    progress: (share: number) => void,
  ): Promise<Eye> {
    let worker: Worker
    try {
      worker = new LookingWorker()
    } catch (error) {
      throw new RendererError('noworker', String(error))
    }
    try {
      const data = await fetchModel(file.file, file.bytes, progress)
      const reply = await ask(worker, { type: 'load', data, sha256: file.sha256 })
      if (reply.type !== 'ready') throw new RendererError('unreadable')
      return new Eye(worker, reply.stickers, reply.search)
    } catch (error) {
      worker.terminate()
      throw error
    }
  }

  /** One look at what the camera shows now.  Raises RendererError. */
  async look(video: HTMLVideoElement): Promise<Seen> {
    const [width, height] = [video.videoWidth, video.videoHeight]
    if (this.size !== `${width} ${height}`) {
      const reply = await ask(this.worker, { type: 'size', width, height })
      if (reply.type !== 'sized') throw new RendererError('unreadable')
      this.copies = reply.copies.map(copy => ({ copy, pen: small(copy.width, copy.height) }))
      this.frame.width = width
      this.frame.height = height
      this.size = `${width} ${height}`
    }
    this.frame.getContext('2d')!.drawImage(video, 0, 0, width, height)
    const pixels = this.copies.map(({ copy, pen }, i) => {
      // The smaller copies are made of the whole one, not of the video: that is soon done, and smooth.
      const from = i > 1 ? this.copies[1].pen.canvas : this.frame
      const [wide, tall] = i > 1 ? [this.copies[1].copy.width, this.copies[1].copy.height] : [width, height]
      const part = [copy.x * wide, copy.y * tall, copy.share * wide, copy.share * tall] as const
      pen.drawImage(from, ...part, 0, 0, copy.width, copy.height)
      return pen.getImageData(0, 0, copy.width, copy.height).data
    })
    const light = brightness(pixels[pixels.length - 1])
    const reply = await ask(
      this.worker,
      { type: 'look', frames: pixels },
      pixels.map(p => p.buffer),
    )
    if (reply.type !== 'seen') throw new RendererError('unreadable')
    return { ...reply, light }
  }

  close(): void {
    this.worker.terminate()
  }
}

function ask(worker: Worker, message: ToWorker, give: Transferable[] = []): Promise<FromWorker> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'failed') reject(new RendererError(data.failure, data.detail))
      else resolve(data)
    }
    worker.onerror = event => {
      event.preventDefault()
      reject(new RendererError('noworker', event.message))
    }
    worker.postMessage(message, give)
  })
}

function small(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  pen.imageSmoothingQuality = 'high'
  return pen
}

function brightness(rgba: Uint8ClampedArray): number {
  let sum = 0
  for (let i = 0; i < rgba.length; i += 4) sum += rgba[i] + rgba[i + 1] + rgba[i + 2]
  return sum / (rgba.length * 0.75) / 255
}
