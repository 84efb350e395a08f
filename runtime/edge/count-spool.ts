import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { windowReport, type WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { readFileIfThere, replaceFile, syncDirectory } from "../storage/durable-file.ts";
import type { SpooledBatch, WindowSpool } from "../storage/window-spool.ts";
import { isCounted, thinWindows } from "./thin-windows.ts";

/** A batch that is ready to be sent: its number and its content are the same however often it is handed out, also over power cuts. */
export type CountBatch = SpooledBatch & { readonly number: number };

/**
 * What a device counted and has not handed in, on its disk. Bounded: when it is full the oldest windows become windows of an hour, and when nothing
 * is left to thin the oldest go and are counted.
 */
export type CountSpool = Omit<WindowSpool, "oldest"> & {
  oldest(): Promise<CountBatch | null>;
  /** Predictions whose counts are gone, ever. */
  readonly lostPredictions: number;
  /** The control plane will never take these: they are lost. */
  giveUp(batch: CountBatch): Promise<void>;
};

/** What one message may hold, at the most; of a small disk a small part, so that there is something to thin and to drop. */
const SEGMENT_BYTES = 1_536 * 1024;
const SEGMENTS_AT_LEAST = 16;
/** A message holds 500 windows. */
const SEGMENT_WINDOWS = 400;
const SEGMENT = /^(\d{10,15})-([0-9a-f-]{36})(?:\.(hours|sealed))?\.ndjson$/;

/** `open` may grow, `hours` was thinned, `sealed` was handed out and never changes. */
type Form = "open" | "hours" | "sealed";
type Segment = { readonly number: number; readonly bootId: string; readonly form: Form; readonly bytes: number; readonly count: number };

const number = z.number().int().nonnegative();
const bookFile = z.object({ format: z.literal(1), highest: number, lostWindows: number, lostPredictions: number });

const nameOf = ({ number: n, bootId, form }: Segment): string => `${String(n).padStart(10, "0")}-${bootId}${form === "open" ? "" : `.${form}`}.ndjson`;
const textOf = (windows: readonly WindowReport[]): string => windows.map((window) => `${JSON.stringify(window)}\n`).join("");
const predictionsOf = (windows: readonly WindowReport[]): number => windows.reduce((sum, { requests }) => sum + requests, 0);

/** The windows of a segment's lines; a power cut can leave the last one half written. */
function parseWindows(text: string): WindowReport[] {
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [windowReport.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

async function readSegments(directory: string): Promise<Segment[]> {
  const found = new Map<number, Segment>();
  for (const name of await readdir(directory)) {
    const [, digits, bootId, form] = SEGMENT.exec(name) ?? [];
    if (digits === undefined || bootId === undefined) continue;
    const segment: Segment = { number: Number(digits), bootId, form: (form as Form | undefined) ?? "open", bytes: (await stat(path.join(directory, name))).size, count: 0 };
    const other = found.get(segment.number);
    // Power was cut between writing a thinned segment and removing what it was made of.
    const [kept, left] = other === undefined || other.form === "open" ? [segment, other] : [other, segment];
    found.set(kept.number, kept);
    if (left !== undefined) await rm(path.join(directory, nameOf(left)), { force: true });
  }
  return [...found.values()].sort((a, b) => a.number - b.number);
}

export async function openCountSpool(directory: string, limitBytes: number): Promise<CountSpool> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const at = (segment: Segment): string => path.join(directory, nameOf(segment));
  const file = path.join(directory, "book.json");
  const saved = await readFileIfThere(file);
  let segments = await readSegments(directory);
  let book = saved === null ? { highest: 0, lostWindows: 0, lostPredictions: 0 } : bookFile.parse(JSON.parse(saved));
  book = { ...book, highest: Math.max(book.highest, segments.at(-1)?.number ?? 0) };
  const segmentBytes = Math.min(SEGMENT_BYTES, limitBytes / SEGMENTS_AT_LEAST);
  let line: Promise<unknown> = Promise.resolve();
  /** One after the other: what is handed out must not grow meanwhile. */
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const done = line.then(act);
    line = done.catch(() => undefined);
    return done;
  };
  const keepBook = async (next: Partial<typeof book>): Promise<void> => {
    book = { ...book, ...next };
    await replaceFile(file, JSON.stringify({ format: 1, ...book }));
  };
  const lose = (windows: readonly WindowReport[]): Promise<void> =>
    keepBook({ lostWindows: book.lostWindows + windows.length, lostPredictions: book.lostPredictions + predictionsOf(windows) });
  const total = (): number => segments.reduce((sum, { bytes }) => sum + bytes, 0);
  const put = (old: Segment, next: Segment): void => {
    segments = segments.map((one) => (one === old ? next : one));
  };
  const read = async (segment: Segment): Promise<WindowReport[]> => parseWindows(await readFile(at(segment), "utf8"));
  const remove = async (segment: Segment): Promise<void> => {
    segments = segments.filter((other) => other !== segment);
    await rm(at(segment), { force: true });
  };
  const thin = async (segment: Segment): Promise<void> => {
    const text = textOf(thinWindows(await read(segment)));
    const next: Segment = { ...segment, form: "hours", bytes: Buffer.byteLength(text) };
    await replaceFile(at(next), text);
    await rm(at(segment), { force: true });
    put(segment, next);
  };
  /** Whether there is room for so many bytes now. */
  const makeRoom = async (bytes: number): Promise<boolean> => {
    while (total() + bytes > limitBytes) {
      const thick = segments.slice(0, -1).find(({ form }) => form === "open");
      const oldest = segments.find(({ form }) => form === "hours");
      if (thick !== undefined) await thin(thick);
      else if (oldest === undefined) return false;
      else {
        await lose(await read(oldest));
        await remove(oldest);
      }
    }
    return true;
  };
  const segmentFor = async (bootId: string, added: number): Promise<Segment> => {
    const last = segments.at(-1);
    if (last?.form === "open" && last.bootId === bootId && last.bytes < segmentBytes && last.count + added <= SEGMENT_WINDOWS) return last;
    // On disk before it is used: a number is never given twice, also when everything was sent and removed.
    await keepBook({ highest: book.highest + 1 });
    const segment: Segment = { number: book.highest, bootId, form: "open", bytes: 0, count: 0 };
    segments.push(segment);
    return segment;
  };
  const append = async (bootId: string, windows: readonly WindowReport[]): Promise<void> => {
    const text = textOf(windows);
    const bytes = Buffer.byteLength(text);
    if (bytes > limitBytes || !(await makeRoom(bytes))) return lose(windows);
    const segment = await segmentFor(bootId, windows.length);
    const handle = await open(at(segment), "a", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (segment.bytes === 0) await syncDirectory(directory);
    put(segment, { ...segment, bytes: segment.bytes + bytes, count: segment.count + windows.length });
  };
  const seal = async (segment: Segment): Promise<Segment> => {
    if (segment.form === "sealed") return segment;
    const sealed: Segment = { ...segment, form: "sealed" };
    await rename(at(segment), at(sealed));
    await syncDirectory(directory);
    put(segment, sealed);
    return sealed;
  };

  return {
    get bytes() {
      return total();
    },
    get lostWindows() {
      return book.lostWindows;
    },
    get lostPredictions() {
      return book.lostPredictions;
    },
    append(bootId, windows) {
      const counted = windows.filter(isCounted);
      return counted.length === 0 ? Promise.resolve() : inTurn(() => append(bootId, counted));
    },
    oldest: () =>
      inTurn(async () => {
        for (let segment = segments[0]; segment !== undefined; segment = segments[0]) {
          const sealed = await seal(segment);
          const windows = await read(sealed);
          if (windows.length > 0) return { number: sealed.number, bootId: sealed.bootId, windows, remove: () => inTurn(() => remove(sealed)) };
          await remove(sealed);
        }
        return null;
      }),
    async giveUp(batch) {
      await inTurn(() => lose(batch.windows));
      await batch.remove();
    },
  };
}
