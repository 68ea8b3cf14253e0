// Convolutions over an input that already carries its zero border.
import { leaky, storeLanes } from './lanes'

/**
 * Dense convolution, stride 1.  `weights` lies in blocks of 8 output channels (the last one of 4 where no more than 4
 * are left), each [kernel row][kernel column][input channel][output channel]; a row of a patch is then one run of
 * numbers in the input and in the weights.  `rowBytes` is the length of a row of the padded input.
 */
export function conv(
  input: usize,
  weights: usize,
  bias: usize,
  output: usize,
  height: i32,
  width: i32,
  inputs: i32,
  outputs: i32,
  rows: i32,
  columns: i32,
  rowBytes: i32,
  slope: f32,
): void {
  const slopes = f32x4.splat(slope)
  const pixel = (inputs << 2) as usize
  const run = inputs * columns
  const outPixel = (outputs << 2) as usize
  for (let y = 0; y < height; y++) {
    const top = input + y * rowBytes
    let block = weights
    for (let o = 0; o < outputs; o += 8) {
      const left = outputs - o
      const b0 = v128.load(bias + (o << 2))
      if (left > 4) {
        const b1 = v128.load(bias + (o << 2), 16)
        for (let x = 0; x < width; x += 4) {
          // The last four pixels of a row may overlap the four before: cheaper than a second loop for the rest.
          const at = max(min(x, width - 4), 0) as usize
          let a00 = b0,
            a01 = b1,
            a10 = b0,
            a11 = b1,
            a20 = b0,
            a21 = b1,
            a30 = b0,
            a31 = b1
          let w = block
          for (let r = 0; r < rows; r++) {
            let p0 = top + r * rowBytes + at * pixel
            let p1 = p0 + pixel,
              p2 = p1 + pixel,
              p3 = p2 + pixel
            for (let i = 0; i < run; i++) {
              const w0 = v128.load(w),
                w1 = v128.load(w, 16)
              let s = v128.load32_splat(p0)
              a00 = f32x4.add(a00, f32x4.mul(s, w0))
              a01 = f32x4.add(a01, f32x4.mul(s, w1))
              s = v128.load32_splat(p1)
              a10 = f32x4.add(a10, f32x4.mul(s, w0))
              a11 = f32x4.add(a11, f32x4.mul(s, w1))
              s = v128.load32_splat(p2)
              a20 = f32x4.add(a20, f32x4.mul(s, w0))
              a21 = f32x4.add(a21, f32x4.mul(s, w1))
              s = v128.load32_splat(p3)
              a30 = f32x4.add(a30, f32x4.mul(s, w0))
              a31 = f32x4.add(a31, f32x4.mul(s, w1))
              w += 32
              p0 += 4
              p1 += 4
              p2 += 4
              p3 += 4
            }
          }
          let to = output + (((y * width) as usize) + at) * outPixel + (o << 2)
          const rest = left - 4
          v128.store(to, leaky(a00, slopes))
          storeLanes(to + 16, leaky(a01, slopes), rest)
          if (width > 1) {
            to += outPixel
            v128.store(to, leaky(a10, slopes))
            storeLanes(to + 16, leaky(a11, slopes), rest)
          }
          if (width > 2) {
            to += outPixel
            v128.store(to, leaky(a20, slopes))
            storeLanes(to + 16, leaky(a21, slopes), rest)
          }
          if (width > 3) {
            to += outPixel
            v128.store(to, leaky(a30, slopes))
            storeLanes(to + 16, leaky(a31, slopes), rest)
          }
        }
        block += (rows * run) << 5
      } else {
        for (let x = 0; x < width; x += 4) {
          const at = max(min(x, width - 4), 0) as usize
          let a0 = b0,
            a1 = b0,
            a2 = b0,
            a3 = b0
          let w = block
          for (let r = 0; r < rows; r++) {
            let p0 = top + r * rowBytes + at * pixel
            let p1 = p0 + pixel,
              p2 = p1 + pixel,
              p3 = p2 + pixel
            for (let i = 0; i < run; i++) {
              const w0 = v128.load(w)
              a0 = f32x4.add(a0, f32x4.mul(v128.load32_splat(p0), w0))
              a1 = f32x4.add(a1, f32x4.mul(v128.load32_splat(p1), w0))
              a2 = f32x4.add(a2, f32x4.mul(v128.load32_splat(p2), w0))
              a3 = f32x4.add(a3, f32x4.mul(v128.load32_splat(p3), w0))
              w += 16
              p0 += 4
              p1 += 4
              p2 += 4
              p3 += 4
            }
          }
          const to = output + (((y * width) as usize) + at) * outPixel + (o << 2)
          storeLanes(to, leaky(a0, slopes), left)
          if (width > 1) storeLanes(to + 1 * outPixel, leaky(a1, slopes), left)
          if (width > 2) storeLanes(to + 2 * outPixel, leaky(a2, slopes), left)
          if (width > 3) storeLanes(to + 3 * outPixel, leaky(a3, slopes), left)
        }
        block += (rows * run) << 4
      }
    }
  }
}

/** Depthwise convolution, stride 1: every channel has its own kernel, `weights` is [kernel row][kernel column][channel]. */
export function depthwise(
  input: usize,
  weights: usize,
  bias: usize,
  output: usize,
  height: i32,
  width: i32,
  channels: i32,
  rows: i32,
  columns: i32,
  rowBytes: i32,
  slope: f32,
): void {
  const slopes = f32x4.splat(slope)
  const pixel = (channels << 2) as usize
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const corner = input + y * rowBytes + (x as usize) * pixel
      const to = output + ((y * width + x) as usize) * pixel
      for (let c = 0; c < channels; c += 4) {
        let sum = v128.load(bias + (c << 2))
        let w = weights + (c << 2)
        for (let r = 0; r < rows; r++) {
          let p = corner + r * rowBytes + (c << 2)
          for (let k = 0; k < columns; k++) {
            sum = f32x4.add(sum, f32x4.mul(v128.load(p), v128.load(w)))
            p += pixel
            w += pixel
          }
        }
        storeLanes(to + (c << 2), leaky(sum, slopes), channels - c)
      }
    }
  }
}
