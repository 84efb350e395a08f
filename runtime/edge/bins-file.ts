import { z } from "zod";
import { monitoringBaseline, type MonitoringBaseline } from "#lib/contracts/runtime-telemetry.ts";
import { readFileIfThere, replaceFile } from "../storage/durable-file.ts";

const binsFile = z.object({ format: z.literal(1), baseline: monitoringBaseline.nullable() });

/** The bins that a device counts by, as it last got them; null when it has none. A file that cannot be read is got anew. */
export async function readBins(file: string): Promise<MonitoringBaseline | null> {
  const text = await readFileIfThere(file);
  try {
    return text === null ? null : binsFile.parse(JSON.parse(text)).baseline;
  } catch {
    return null;
  }
}

export const writeBins = (file: string, baseline: MonitoringBaseline | null): Promise<void> => replaceFile(file, JSON.stringify({ format: 1, baseline }));
