/** What somebody needs of an endpoint, in their own numbers. */
export type ServingNeeds = {
  /** How long an answer may take after its input is known. Milliseconds. */
  readonly answerWithinMs: number;
  /** Inputs a day. */
  readonly perDay: number;
  /** How inputs come: one request at a time, as an unbroken flow of events, or gathered in files. */
  readonly arrival: "requests" | "events" | "files";
  /** Whether the place where answers are needed always reaches the servers. */
  readonly connectivity: "always" | "sometimes";
};

export const SERVING_PATTERNS = ["online", "batch", "streaming", "edge"] as const;
export type ServingPattern = (typeof SERVING_PATTERNS)[number];

export type PatternFacts = {
  readonly pattern: ServingPattern;
  readonly label: string;
  readonly latency: string;
  readonly throughput: string;
  readonly complexity: "low" | "medium" | "high";
  readonly rollback: string;
  /** Whether an endpoint of this pattern can be made in this version. */
  readonly isAvailable: boolean;
};

/** The table that people compare by. */
export const PATTERN_FACTS: readonly PatternFacts[] = [
  {
    pattern: "online",
    label: "Online requests",
    latency: "milliseconds",
    throughput: "thousands of requests a second for each runtime",
    complexity: "medium",
    rollback: "traffic goes back to the stable version, within a second",
    isAvailable: true,
  },
  {
    pattern: "batch",
    label: "Batch jobs",
    latency: "minutes to hours",
    throughput: "the highest: rows run together",
    complexity: "low",
    rollback: "the job is cancelled, the output before it is made current",
    isAvailable: true,
  },
  {
    pattern: "streaming",
    label: "Event streams",
    latency: "tens of milliseconds to seconds",
    throughput: "as many partitions as the topic has",
    complexity: "high",
    rollback: "the consumer group goes back to a recorded offset",
    isAvailable: false,
  },
  {
    pattern: "edge",
    label: "On devices",
    latency: "milliseconds, without a network",
    throughput: "what one device can do",
    complexity: "high",
    rollback: "devices go back to the version in their other slot",
    isAvailable: true,
  },
];

/** How well a pattern meets the needs: `fits`, or a reason why not. */
export type PatternFit = {
  readonly pattern: ServingPattern;
  readonly fits: boolean;
  readonly reasons: readonly string[];
};

export type PatternAdvice = {
  /** The simplest pattern that fits; null when none does. */
  readonly recommended: ServingPattern | null;
  readonly because: string;
  readonly fits: readonly PatternFit[];
};

/** A job starts within this time and answers a file in minutes. */
const BATCH_FLOOR_MS = 15 * 60_000;
/** A request travels, waits and is answered; below this only a model on the spot helps. */
const NETWORK_FLOOR_MS = 5;
/** Through a broker and back. */
const STREAM_FLOOR_MS = 50;
const DAY_SECONDS = 86_400;
/** Simplest first: of two that fit, the one with less to run is the better one. */
const BY_SIMPLICITY: readonly ServingPattern[] = ["batch", "online", "streaming", "edge"];

const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : ms < 120_000 ? `${Math.round(ms / 1000)} s` : ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`);

function obstacles(pattern: ServingPattern, { answerWithinMs, arrival, connectivity }: ServingNeeds): string[] {
  const found: string[] = [];
  if (pattern !== "edge" && connectivity === "sometimes") found.push("It needs the network whenever an answer is needed.");
  switch (pattern) {
    case "online":
      if (answerWithinMs < NETWORK_FLOOR_MS) found.push(`A request over the network takes longer than ${seconds(answerWithinMs)}.`);
      if (arrival === "events") found.push("Events would have to be sent as requests by a program of your own, which then keeps order and repeats.");
      break;
    case "batch":
      if (answerWithinMs < BATCH_FLOOR_MS) found.push(`A job answers within minutes; you need ${seconds(answerWithinMs)}.`);
      if (arrival !== "files") found.push("Inputs would first have to be gathered in files.");
      break;
    case "streaming":
      if (answerWithinMs < STREAM_FLOOR_MS) found.push(`Through a broker and back takes longer than ${seconds(answerWithinMs)}.`);
      if (arrival !== "events") found.push("It reads events from a broker; you have none.");
      break;
    case "edge":
      if (connectivity === "always" && answerWithinMs >= NETWORK_FLOOR_MS) found.push("Devices are worth their upkeep only without a dependable network or below 5 ms.");
      if (arrival === "files") found.push("Files are not made on devices.");
      break;
  }
  return found;
}

function praise(pattern: ServingPattern, { answerWithinMs, perDay }: ServingNeeds): string {
  const perSecond = perDay / DAY_SECONDS;
  const rate = perSecond >= 1 ? `${Math.round(perSecond).toLocaleString("en")} a second on average` : `${perDay.toLocaleString("en")} a day`;
  switch (pattern) {
    case "online":
      return `Answers come within milliseconds, well inside ${seconds(answerWithinMs)}, at ${rate}.`;
    case "batch":
      return `${perDay.toLocaleString("en")} rows a day may wait ${seconds(answerWithinMs)}: a job does them with the least to run, and each output can be taken back whole.`;
    case "streaming":
      return `Events are answered in order as they come, at ${rate}, inside ${seconds(answerWithinMs)}.`;
    case "edge":
      return `The answer is made on the spot, with or without a network, inside ${seconds(answerWithinMs)}.`;
  }
}

/** Which pattern meets these needs with the least to run, and for every other one why not. */
export function advisePattern(needs: ServingNeeds): PatternAdvice {
  const fits = BY_SIMPLICITY.map((pattern): PatternFit => {
    const reasons = obstacles(pattern, needs);
    return { pattern, fits: reasons.length === 0, reasons: reasons.length === 0 ? [praise(pattern, needs)] : reasons };
  });
  const best = fits.find((fit) => fit.fits);
  return {
    recommended: best?.pattern ?? null,
    because: best === undefined ? "No pattern meets all of this. Loosen the time, or say how inputs can come otherwise." : (best.reasons[0] ?? ""),
    fits,
  };
}
