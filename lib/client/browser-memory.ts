/** Small things this browser remembers. A browser that forbids storage simply does not remember them. */

export function readMemory(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeMemory(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is closed or full: the setting lasts as long as the page.
  }
}
