// What both rivals share: a grid of 25 canvases, the first picture on its own, then all the others at once.
export async function play(size, dim, draw) {
  const pens = Array.from({ length: 25 }, () => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = size
    document.body.append(canvas)
    return canvas.getContext('2d')
  })
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
  const latents = count => Float32Array.from({ length: count * dim }, normal)
  /** `pictures` are height x width x 3 in [-1, 1], one after the other. */
  const show = (pictures, first) => {
    const step = size * size * 3
    for (let n = 0; n * step < pictures.length; n++) {
      const image = new ImageData(size, size)
      for (let p = 0; p < size * size; p++) {
        for (let c = 0; c < 3; c++) image.data[4 * p + c] = 127.5 * (pictures[n * step + 3 * p + c] + 1)
        image.data[4 * p + 3] = 255
      }
      pens[first + n].putImageData(image, 0, 0)
    }
  }
  document.querySelector('button').onclick = async () => show(await draw(latents(25), 25), 0)
  show(await draw(latents(1), 1), 0)
  show(await draw(latents(24), 24), 1)
}
