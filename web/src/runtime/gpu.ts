// Runs a model on a graphics card through WebGPU, where there is a real one that draws the same pictures sooner.
import { latent } from '../latents'
import { count } from './container'
import { type ModelFile, plainOps } from './model'
import { transposed } from './moves'
import type { Drawn, Network, Runtime } from './runtime'
import { GROUP, ROW, shader } from './shaders'
import type { PlainNetwork } from './wasm'

declare const GPUBufferUsage: Record<'STORAGE' | 'COPY_SRC' | 'COPY_DST' | 'MAP_READ', number>
declare const GPUMapMode: { READ: number }

const PROBES = 4
const MAX_LEVELS = 0.5 // of 255 that a number may differ: then no pixel is off by more than one level

export const gpuRuntime = (device: GPUDevice): Runtime => ({ load: model => compile(device, model) })

async function compile(device: GPUDevice, { header, tensor }: ModelFile): Promise<Network> {
  const room = (numbers: number, usage: number): GPUBuffer => device.createBuffer({ size: 4 * numbers, usage })
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage
  const filled = (numbers: Float32Array<ArrayBuffer>): GPUBuffer => {
    const buffer = room(numbers.length, STORAGE | COPY_DST)
    device.queue.writeBuffer(buffer, 0, numbers)
    return buffer
  }
  const stored = new Map<string, GPUBuffer>() // several steps may use the same weights
  const weight = (n: number, turned: boolean): GPUBuffer => {
    const key = `${n} ${turned}`
    const buffer = stored.get(key) ?? filled(turned ? transposed(tensor(n), header.tensors[n].shape[0]) : tensor(n))
    stored.set(key, buffer)
    return buffer
  }
  const values = header.shapes
    .slice(0, header.sums?.changed)
    .map(shape => room(count(shape), STORAGE | COPY_SRC | COPY_DST))
  const steps = await Promise.all(
    header.ops.slice(0, plainOps(header)).map(async op => {
      const shapes = (op.w ?? []).map(n => header.tensors[n].shape)
      const weights = (op.w ?? []).map((n, k) =>
        weight(n, shapes[k].length > 1 && !['constant', 'local'].includes(op.op)),
      )
      const code = shader(
        op,
        op.in.map(n => header.shapes[n]),
        header.shapes[op.out],
        shapes,
      )
      const pipeline = await device.createComputePipelineAsync({
        layout: 'auto',
        compute: { module: device.createShaderModule({ code }) },
      })
      const entries = [...op.in.map(n => values[n]), ...weights, values[op.out]].map((buffer, binding) => ({
        binding,
        resource: { buffer },
      }))
      const groups = Math.ceil(count(header.shapes[op.out]) / GROUP)
      return { pipeline, bindings: device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }), groups }
    }),
  )
  const length = count(header.shapes[header.output])
  const out = room(length + 1, COPY_DST | MAP_READ) // the picture, then its rejection score
  return {
    async draw(z) {
      device.queue.writeBuffer(values[0], 0, Float32Array.from(z))
      const commands = device.createCommandEncoder()
      const pass = commands.beginComputePass()
      for (const { pipeline, bindings, groups } of steps) {
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, bindings)
        pass.dispatchWorkgroups(Math.min(groups, ROW), Math.ceil(groups / ROW))
      }
      pass.end()
      commands.copyBufferToBuffer(values[header.output], 0, out, 0, 4 * length)
      if (header.rejection !== undefined) commands.copyBufferToBuffer(values[header.rejection], 0, out, 4 * length, 4)
      device.queue.submit([commands.finish()])
      await out.mapAsync(GPUMapMode.READ)
      const result = new Float32Array(out.getMappedRange().slice(0))
      out.unmap()
      return { values: result.subarray(0, length), rejection: result[length] }
    },
  }
}

/** Beyond the next call. */
const kept = ({ values, rejection }: Drawn): Drawn => ({ values: values.slice(), rejection })

/** Whether two results show the same picture, but for one level here and there. */
export const agree = (a: Float32Array, b: Float32Array): boolean =>
  a.every((v, i) => Math.abs(Math.max(-1, Math.min(1, v)) - Math.max(-1, Math.min(1, b[i]))) * 127.5 <= MAX_LEVELS)

/**
 * The model on the graphics card, or why it stays where it is.  A card that is lost later hands back to `plain`.
 * `trusting` takes a card that is software too, however slow; nothing but the tests asks for that.
 */
export async function openGpu(
  model: ModelFile,
  plain: PlainNetwork,
  trusting: boolean,
): Promise<{ card: Network | null; why: string | null }> {
  let device: GPUDevice | null = null
  const stay = (why: string): { card: null; why: string } => {
    device?.destroy()
    return { card: null, why }
  }
  try {
    const adapter = await navigator.gpu?.requestAdapter()
    if (!adapter) return stay('none')
    if (adapter.info.isFallbackAdapter !== false && !trusting) return stay('software')
    device = await adapter.requestDevice()
    const card = await gpuRuntime(device).load(model)
    const { latent_dim: dim, latent_kind: kind } = model.header
    let [own, theirs] = [0, 0]
    for (let i = 0; i <= PROBES; i++) {
      const z = Float32Array.from(latent(0, i, dim, kind))
      const start = performance.now()
      const wanted = kept(plain.draw(z))
      const between = performance.now()
      const drawn = await card.draw(z)
      if (!agree(wanted.values, drawn.values)) return stay('other pictures')
      if (i) [own, theirs] = [own + between - start, theirs + performance.now() - between] // the first one warms up
    }
    if (theirs > own && !trusting) return stay('slower')
    let lost = false
    void device.lost.then(() => {
      lost = true
    })
    return {
      card: {
        draw: async z =>
          lost
            ? kept(plain.draw(z))
            : Promise.resolve(card.draw(z)).catch(() => {
                lost = true
                return kept(plain.draw(z))
              }),
      },
      why: null,
    }
  } catch (error) {
    return stay(String(error))
  }
}
