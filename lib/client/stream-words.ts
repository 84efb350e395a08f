import { armsText } from "#lib/client/registry-words.ts";
import type { StreamArm, StreamHealth } from "#lib/contracts/views/stream-view.ts";
import type { StatusLabel } from "#lib/domain/release/labels.ts";

export const streamPath = (name: string): string => `/streams/${encodeURIComponent(name)}`;

const HEALTH: Readonly<Record<StreamHealth, StatusLabel>> = {
  running: { word: "Running", shape: "running" },
  paused: { word: "Paused", shape: "holding" },
  waiting: { word: "Waits for a runtime", shape: "scheduled" },
  failing: { word: "Failing", shape: "failed" },
  silent: { word: "No word from a runtime", shape: "no-data" },
};
export const streamStatus = (health: StreamHealth): StatusLabel => HEALTH[health];

/** "stable 1.0.0 90 %, candidate 1.1.0 10 %". */
export const streamArmsText = (arms: readonly StreamArm[]): string => armsText(arms.map(({ arm, ...rest }) => ({ role: arm, ...rest })));
