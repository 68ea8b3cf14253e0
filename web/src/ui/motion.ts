// What moves by itself starts when it is first seen, and not at all for visitors who asked for less motion.

const reducedMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

/** Calls `play` once most of the element can be seen; the result gives that up. */
export function playWhenSeen(element: Element, play: () => void): () => void {
  if (reducedMotion()) return () => {}
  const observer = new IntersectionObserver(
    entries => {
      if (!entries.some(entry => entry.isIntersecting)) return
      observer.disconnect()
      play()
    },
    { threshold: 0.6 },
  )
  observer.observe(element)
  return () => observer.disconnect()
}
