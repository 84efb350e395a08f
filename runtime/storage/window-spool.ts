import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { windowReport, type WindowReport } from "#lib/contracts/runtime-protocol.ts";

/** Windows of one boot that wait to be sent. */
export type SpooledBatch = {
  readonly bootId: string;
  readonly windows: readonly WindowReport[];
  /** They arrived: forget them. */
  remove(): Promise<void>;
};

/** Final windows that could not be sent, on disk, oldest first. Bounded: when full the oldest go, and are counted. */
export type WindowSpool = {
  append(bootId: string, windows: readonly WindowReport[]): Promise<void>;
  /** The oldest batch; null when nothing waits. */
  oldest(): Promise<SpooledBatch | null>;
  readonly bytes: number;
  /** Windows dropped since the start because the spool was full or a line could not be read. */
  readonly lostWindows: number;
};

const SEGMENT_BYTES = 512 * 1024;
const SEGMENT = /^(\d{10})-([0-9a-f-]{36})\.ndjson$/;
const uuid = z.uuid();

type Segment = {
  readonly number: number;
  readonly bootId: string;
  readonly file: string;
  bytes: number;
};

async function readSegments(directory: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of await readdir(directory)) {
    const match = SEGMENT.exec(name);
    const bootId = match?.[2];
    if (match === null || !uuid.safeParse(bootId).success || bootId === undefined) continue;
    const file = path.join(directory, name);
    segments.push({ number: Number(match[1]), bootId, file, bytes: (await stat(file)).size });
  }
  return segments.sort((a, b) => a.number - b.number);
}

export async function openWindowSpool(directory: string, limitBytes: number): Promise<WindowSpool> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  let segments = await readSegments(directory);
  let lost = 0;
  const total = () => segments.reduce((sum, segment) => sum + segment.bytes, 0);

  const drop = async (segment: Segment): Promise<void> => {
    segments = segments.filter((other) => other !== segment);
    await rm(segment.file, { force: true });
  };
  const linesOf = async (segment: Segment): Promise<string[]> =>
    (await readFile(segment.file, "utf8")).split("\n").filter((line) => line !== "");

  const segmentFor = (bootId: string): Segment => {
    const last = segments.at(-1);
    if (last !== undefined && last.bootId === bootId && last.bytes < SEGMENT_BYTES) return last;
    const number = (last?.number ?? 0) + 1;
    const segment = {
      number,
      bootId,
      file: path.join(directory, `${String(number).padStart(10, "0")}-${bootId}.ndjson`),
      bytes: 0,
    };
    segments.push(segment);
    return segment;
  };

  return {
    get bytes() {
      return total();
    },
    get lostWindows() {
      return lost;
    },
    async append(bootId, windows) {
      const text = windows.map((window) => `${JSON.stringify(window)}\n`).join("");
      const size = Buffer.byteLength(text);
      if (size > limitBytes) {
        lost += windows.length;
        return;
      }
      for (
        let oldest = segments[0];
        oldest !== undefined && total() + size > limitBytes;
        oldest = segments[0]
      ) {
        lost += (await linesOf(oldest)).length;
        await drop(oldest);
      }
      const segment = segmentFor(bootId);
      const handle = await open(segment.file, "a", 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      segment.bytes += size;
    },
    async oldest() {
      for (let segment = segments[0]; segment !== undefined; segment = segments[0]) {
        const current = segment;
        const windows: WindowReport[] = [];
        for (const line of await linesOf(current)) {
          // A crash can leave the last line half written.
          const parsed = windowReport.safeParse(parseLine(line));
          if (parsed.success) windows.push(parsed.data);
          else lost += 1;
        }
        if (windows.length > 0)
          return { bootId: current.bootId, windows, remove: () => drop(current) };
        await drop(current);
      }
      return null;
    },
  };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
