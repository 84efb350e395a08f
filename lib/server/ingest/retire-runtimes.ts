import { z } from "zod";
import { command, unchanged } from "../command.ts";
import type { AuditDraft } from "../ports.ts";

/** A runtime that has not been heard of for this long is not waited for any more. It joins again by registering. Seconds. */
export const RUNTIME_LOST_SECONDS = 900;

/** Takes runtimes that have gone for good off the list, so that no release waits for them for ever. */
export const retireSilentRuntimes = command({
  name: "retire-silent-runtimes",
  permission: "runtime:manage",
  input: z.strictObject({}),
  async run({ tx }) {
    const lost = await tx.runtimes.retireSilent(RUNTIME_LOST_SECONDS);
    const [first, ...rest] = lost.map(
      ({ id, name, lastSeenAt }): AuditDraft => ({
        action: "runtime.lost",
        targets: [{ type: "runtime", id, name, digest: null }],
        after: { lastSeenAt: lastSeenAt.toISOString() },
        reason: `No contact for ${RUNTIME_LOST_SECONDS} s.`,
      }),
    );
    return first === undefined ? unchanged({ lost: 0 }) : { result: { lost: lost.length }, audit: [first, ...rest] };
  },
});
