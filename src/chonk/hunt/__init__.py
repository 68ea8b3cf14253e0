"""Sticker Hunt: which stickers are hidden, the sheet to print, and the recognizer that finds them in a camera's
picture."""
