import { z } from "zod";
import type { AuditAction } from "#lib/domain/audit/actions.ts";
import type { StreamState } from "#lib/contracts/streams.ts";
import { command, unchanged } from "../command.ts";
import { locateStream } from "./locate-stream.ts";

const input = z.strictObject({ name: z.string(), reason: z.string().trim().max(2000).nullable().default(null) });

const setState = (name: string, state: StreamState, action: AuditAction) =>
  command({
    name,
    permission: "stream:run",
    input,
    locate: ({ tx, input: { name: streamName } }) => locateStream(tx, streamName),
    async run({ tx, input: { reason }, located: { stream, targets } }) {
      if (stream.state === state) return unchanged({ name: stream.name, state });
      await tx.streams.saveStream(stream, { state });
      await tx.desired.bumpDesiredRevision();
      return {
        result: { name: stream.name, state },
        notify: ["desired-state"],
        audit: { action, targets, reason, before: { state: stream.state }, after: { state } },
      };
    },
  });

/** What is under way is committed or given up whole; records wait in the topic. */
export const pauseStream = setState("pause-stream", "paused", "stream.paused");
export const resumeStream = setState("resume-stream", "running", "stream.resumed");
