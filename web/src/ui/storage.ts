// What the visitor's browser keeps: the language and the favourites.  Where it may not keep anything, nothing breaks.

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`chonk.${key}`)
  } catch {
    return null
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`chonk.${key}`, value)
  } catch {
    // A private window: kept until it closes, in the page's own state.
  }
}
