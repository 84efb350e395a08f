/** How samples of one name from several processes become one: counts add up, states take the largest. */
type Merging = "sum" | "max";

/** Gauges that say the same of each process, or of which the worst matters; other gauges (memory, requests under way ...) add up. */
const LARGEST =
  /^(slipway_router_|slipway_control_silent_seconds|slipway_endpoint_(utilisation|queue_seconds)|nodejs_eventloop_lag|nodejs_version_info|process_start_time_seconds|process_max_fds)/;

const mergingOf = (name: string): Merging => (LARGEST.test(name) ? "max" : "sum");

type Family = { readonly comments: string[]; readonly samples: Map<string, number> };

const SAMPLE = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)$/;
const COMMENT = /^# (?:HELP|TYPE) (\S+)/;

/** Prometheus texts of several processes as one, in the order of the first. Lines that are no samples are dropped. */
export function mergeMetrics(texts: readonly string[]): string {
  const families = new Map<string, Family>();
  const familyOf = (name: string): Family => {
    const known = families.get(name);
    if (known !== undefined) return known;
    const family: Family = { comments: [], samples: new Map() };
    families.set(name, family);
    return family;
  };
  for (const text of texts) {
    let current = "";
    for (const line of text.split("\n")) {
      const commented = COMMENT.exec(line)?.[1];
      if (commented !== undefined) {
        current = commented;
        const { comments } = familyOf(commented);
        if (!comments.includes(line)) comments.push(line);
        continue;
      }
      const [, series, value] = SAMPLE.exec(line) ?? [];
      if (series === undefined || value === undefined) continue;
      const name = series.replace(/\{.*$/, "");
      // Samples of histograms carry suffixes; they belong to the family named last.
      const { samples } = familyOf(name.startsWith(current) && current !== "" ? current : name);
      const number = Number(value);
      const known = samples.get(series);
      if (known === undefined) samples.set(series, number);
      else
        samples.set(series, mergingOf(name) === "sum" ? known + number : Math.max(known, number));
    }
  }
  const lines = [...families.values()].flatMap(({ comments, samples }) => [
    ...comments,
    ...[...samples].map(([series, value]) => `${series} ${value}`),
  ]);
  return `${lines.join("\n")}\n`;
}
