/** What is asked of a stream and what its runtimes say, in one word. */
export type Health = "running" | "paused" | "waiting" | "failing" | "silent";

export type ProcessWord = { readonly state: "starting" | "running" | "paused" | "failing"; readonly secondsAgo: number };

/** A runtime says something every few seconds; after this it is gone. */
export const SILENT_SECONDS = 30;

/** `silent`: asked to run, and nobody has spoken for half a minute. `waiting`: no runtime has taken it up yet. */
export function streamHealth(wanted: "running" | "paused", words: readonly ProcessWord[]): Health {
  if (wanted === "paused") return "paused";
  if (words.length === 0) return "waiting";
  const heard = words.filter(({ secondsAgo }) => secondsAgo <= SILENT_SECONDS);
  if (heard.length === 0) return "silent";
  if (heard.some(({ state }) => state === "failing")) return "failing";
  return heard.some(({ state }) => state === "running") ? "running" : "waiting";
}
