/** Writes the route types and then checks all types. Two steps, one process: a shell's `a && b` would lose signals. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const steps = [
  ["next/dist/bin/next", "typegen"],
  ["typescript/bin/tsc", "--noEmit", "--pretty", "false"],
] as const;

for (const [program, ...flags] of steps) {
  const result = spawnSync(process.execPath, [join(root, "node_modules", program), ...flags], {
    cwd: root,
    stdio: ["ignore", program.startsWith("next") ? "ignore" : "inherit", "inherit"],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (result.status !== 0) {
    process.exitCode = result.status ?? 1;
    break;
  }
}
