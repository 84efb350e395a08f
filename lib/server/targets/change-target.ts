import { z } from "zod";
import { slug } from "#lib/contracts/registry-api.ts";
import { changeTargetBody } from "#lib/contracts/target-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { refuseMetadata, targetOf } from "./create-target.ts";
import { sealHeaders } from "./seal-headers.ts";

/**
 * Changes how a server is reached: its address, time limit and credentials. What it is and where it belongs stay. Runtimes try the new way with golden
 * inputs beside the old one, and change over only when it answers; what it serves is read back anew.
 */
export const changeTarget = command({
  name: "change-target",
  permission: "runtime:manage",
  input: changeTargetBody.extend({ target: slug, secret: z.string().min(32) }),
  async locate({ tx, input }) {
    const target = await tx.targets.getTarget(input.target);
    return { environmentId: target.environmentId, targets: [targetOf(target)], target };
  },
  async run({ tx, input, located: { target, targets } }) {
    refuseMetadata("/url", input.url);
    if (input.managementUrl !== null) refuseMetadata("/managementUrl", input.managementUrl);
    const { url, managementUrl, timeoutMs, headers, reason } = input;
    const isSame = target.url === url && target.managementUrl === managementUrl && target.timeoutMs === timeoutMs;
    if (isSame && headers === undefined) throw new AppError("conflict", "Nothing would change.", { hint: "Give another address, time limit or other credentials." });
    const sealedHeaders = headers === undefined ? target.sealedHeaders : Object.keys(headers).length === 0 ? null : sealHeaders(input.secret, target.id, headers);
    await tx.targets.updateConnection(target.id, { url, managementUrl, timeoutMs, sealedHeaders });
    return {
      result: { id: target.id, name: target.name },
      notify: ["desired-state"],
      audit: {
        action: "target.changed",
        targets,
        reason,
        before: { url: target.url, managementUrl: target.managementUrl, timeoutMs: target.timeoutMs },
        // Names of headers, never their values.
        after: { url, managementUrl, timeoutMs, ...(headers === undefined ? {} : { newHeaders: Object.keys(headers) }) },
      },
    };
  },
});
