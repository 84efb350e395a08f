import { z } from "zod";
import { AppError } from "#lib/domain/errors.ts";
import { owedTargets, replayCount, replayRanges } from "#lib/domain/streams/replay.ts";
import { command } from "../command.ts";
import { locateStream } from "./locate-stream.ts";
import { placesOf } from "./places.ts";

/**
 * Sends the consumer group back to where an epoch began: the records answered since are answered again, by what has weight now.
 * One act of one person, as any roll back; runtimes apply it in the transaction that commits the offsets.
 */
export const rollBackStream = command({
  name: "roll-back-stream",
  permission: "release:rollback",
  input: z.strictObject({ name: z.string(), epoch: z.number().int().nonnegative(), reason: z.string().trim().min(10, "Say in a sentence why.").max(2000) }),
  locate: ({ tx, input }) => locateStream(tx, input.name),
  async run({ tx, input, located: { stream, targets } }) {
    const [points, reports] = await Promise.all([tx.streamReports.replayPointsOf(stream.id), tx.streamReports.reportsOf(stream.id)]);
    const places = placesOf(reports);
    if (places.length === 0)
      throw new AppError("conflict", `No runtime says where ${stream.name} stands, so it cannot be said what would be answered again.`, {
        hint: "Its page says what runtimes have trouble with; roll back when one of them holds its partitions again.",
      });
    const ranges = replayRanges(points, input.epoch, places);
    if (ranges.length === 0)
      throw new AppError("conflict", `No record was answered since epoch ${input.epoch}: there is nothing to go back over.`, {
        hint: "The page of the stream lists the points that it can go back to.",
      });
    const seq = stream.rollbackSeq + 1;
    const records = replayCount(ranges);
    await tx.streams.saveStream(stream, { rollbackSeq: seq, rollbackTo: owedTargets(stream.rollbackTo ?? [], seq, ranges, places) });
    await tx.desired.bumpDesiredRevision();
    return {
      result: { name: stream.name, seq, records, ranges },
      notify: ["desired-state"],
      forceCheckpoint: true,
      audit: { action: "stream.rolled_back", targets, reason: input.reason, after: { epoch: input.epoch, seq, records, ranges } },
    };
  },
});
