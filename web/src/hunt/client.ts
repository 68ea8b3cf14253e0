// The page's side of the thread that looks: takes small copies of the camera's frames and hears what is in them.
import { fetchModel } from '../runtime/download'
import { RendererError } from '../runtime/errors'
import { type Search, sides } from './looks'
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

export class RecognizerClient {
  /** The frame that was looked at last, as large as the camera gives it: the camera has moved on meanwhile. */
  readonly frame = document.createElement('canvas')
  private readonly pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!

  private constructor(
    private readonly worker: Worker,
    readonly stickers: number,
    readonly search: Search,
  ) {}

  /** Fetches the recognizer.  Raises RendererError. */
  static async open(
    file: { file: string; bytes: number; sha256: string },
    progress: (share: number) => void,
  ): Promise<RecognizerClient> {
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
      return new RecognizerClient(worker, reply.stickers, reply.search)
    } catch (error) {
      worker.terminate()
      throw error
    }
  }

  /** One look at what the camera shows now.  Raises RendererError. */
  async look(video: HTMLVideoElement): Promise<Seen> {
    const { frame, pen } = this
    if (frame.width !== video.videoWidth || frame.height !== video.videoHeight) {
      frame.width = video.videoWidth
      frame.height = video.videoHeight
      ;[pen.canvas.width, pen.canvas.height] = sides(frame.width, frame.height, this.search.area)
      pen.imageSmoothingQuality = 'high'
    }
    frame.getContext('2d')!.drawImage(video, 0, 0)
    const { width, height } = pen.canvas
    pen.drawImage(frame, 0, 0, width, height)
    const { data } = pen.getImageData(0, 0, width, height)
    const light = brightness(data)
    const reply = await ask(this.worker, { type: 'look', frame: data, width, height }, [data.buffer])
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

/** Of every sixteenth pixel. */
function brightness(rgba: Uint8ClampedArray): number {
  let sum = 0
  for (let i = 0; i < rgba.length; i += 64) sum += rgba[i] + rgba[i + 1] + rgba[i + 2]
  return (16 * sum) / (rgba.length * 0.75) / 255
}
