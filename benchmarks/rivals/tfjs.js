// The 2018 generator run by TensorFlow.js on one thread of WebAssembly, each of its weights a file, as it was then.
/* global tf */
import { play } from './grid.js'

tf.wasm.setWasmPaths('./')
tf.wasm.setThreadsCount(1)
await tf.setBackend('wasm')
const { size, dim, output, ops, shapes, tensors } = await (await fetch('model.json')).json()
const weights = await Promise.all(tensors.map(async (shape, n) => tf.tensor(new Float32Array(await (await fetch(`w${n}.f32`)).arrayBuffer()), shape)))
// Kernels as TensorFlow has them: [row, column, input, output].
const kernels = weights.map(w => w.rank === 4 ? tf.transpose(w, [2, 3, 1, 0]) : w)
const leaky = (x, op) => op.slope === undefined ? x : tf.leakyRelu(x, op.slope)
const RUN = {
  linear: (op, [x], [w, b]) => leaky(tf.add(tf.matMul(x, weights[w], false, true), weights[b]), op),
  conv: (op, [x], [w, b]) => leaky(tf.add(tf.conv2d(x, kernels[w], 1, 'same'), weights[b]), op),
  depthwise: (op, [x], [w, b]) => leaky(tf.add(tf.depthwiseConv2d(x, tf.transpose(kernels[w], [0, 1, 3, 2]), 1, 'same'), weights[b]), op),
  leaky_relu: (op, [x]) => tf.leakyRelu(x, op.alpha),
  tanh: (op, [x]) => tf.tanh(x),
  affine: (op, [x], [w, b]) => tf.add(tf.mul(x, weights[w]), weights[b]),
  mix: (op, [x, y]) => y ? tf.add(tf.mul(x, op.factors[0]), tf.mul(y, op.factors[1])) : tf.mul(x, op.factors[0]),
  concat: (op, xs) => tf.concat(xs, 3),
  resize: (op, [x]) => tf.image.resizeNearestNeighbor(x, shapes[op.out].slice(1)),
  // PyTorch's order is channel by channel, TensorFlow's pixel by pixel.
  reshape: (op, [x]) => {
    const [c, h, w] = shapes[op.out]
    const flat = x.rank === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x
    return h ? tf.transpose(tf.reshape(flat, [x.shape[0], c, h, w]), [0, 2, 3, 1]) : tf.reshape(flat, [x.shape[0], c])
  },
}
const run = z => tf.tidy(() => {
  const values = [z]
  for (const op of ops) values[op.out] = RUN[op.op](op, op.in.map(n => values[n]), op.w ?? [])
  return values[output]
})

await play(size, dim, async (latents, count) => {
  const z = tf.tensor(latents, [count, dim])
  const pictures = run(z)
  const data = await pictures.data()
  tf.dispose([z, pictures])
  return data
})
