import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";

const KEPT = 3;
const LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Keeps a log under a size: its content moves to `.1`, `.2`, `.3`, and the file is emptied in place, because the process that writes
 * it holds it open (appending). Lines written between copy and emptying are lost; that is the price for logs that outlive the supervisor.
 */
export function rotate(file: string, limitBytes: number = LIMIT_BYTES): boolean {
  if (!existsSync(file) || statSync(file).size <= limitBytes) return false;
  rmSync(`${file}.${KEPT}`, { force: true });
  for (let age = KEPT - 1; age >= 1; age -= 1) {
    if (existsSync(`${file}.${age}`)) renameSync(`${file}.${age}`, `${file}.${age + 1}`);
  }
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
  return true;
}

/** Calls `onLine` with every line that is appended from now on. Returns the function that ends it. */
export function follow(file: string, onLine: (line: string) => void): () => void {
  let position = existsSync(file) ? statSync(file).size : 0;
  let rest = "";
  const buffer = Buffer.alloc(64 * 1024);
  const read = (): void => {
    if (!existsSync(file)) return;
    const descriptor = openSync(file, "r");
    try {
      if (fstatSync(descriptor).size < position) position = 0;
      for (;;) {
        const count = readSync(descriptor, buffer, 0, buffer.length, position);
        if (count === 0) break;
        position += count;
        const lines = (rest + buffer.toString("utf8", 0, count)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onLine(line);
      }
    } finally {
      closeSync(descriptor);
    }
  };
  const timer = setInterval(read, 250);
  return () => {
    clearInterval(timer);
    read();
  };
}

/** The last lines of a log, for the message about what has just failed. */
export function lastLines(file: string, count = 15): string {
  if (!existsSync(file)) return "";
  const descriptor = openSync(file, "r");
  try {
    const size = fstatSync(descriptor).size;
    const length = Math.min(size, 16 * 1024);
    const buffer = Buffer.alloc(length);
    readSync(descriptor, buffer, 0, length, size - length);
    return buffer.toString("utf8").trimEnd().split("\n").slice(-count).join("\n");
  } finally {
    closeSync(descriptor);
  }
}
