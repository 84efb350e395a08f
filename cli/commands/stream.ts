import type { Command } from "commander";
import { createStream, readStream, listStreams, pauseStream, rollBackStream } from "#lib/contracts/api/stream-operations.ts";
import type { StreamView } from "#lib/contracts/views/stream-view.ts";
import { askFor, connectionFrom } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print } from "../output.ts";

const pathOf = (name: string): string => `/api/v1/streams/${encodeURIComponent(name)}`;

const wholeNumber = (text: string, what: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new CliProblem(`${text} is not ${what}.`, EXIT.usage);
  return Number(text);
};

type CreateOptions = {
  readonly endpoint: string;
  readonly from: string;
  readonly to: string;
  readonly deadLetter: string;
  readonly shadow?: string;
  readonly group: string;
  readonly maxInFlight: string;
};

async function create(name: string, options: CreateOptions, command: Command): Promise<void> {
  const json = {
    name,
    endpoint: options.endpoint,
    inputTopic: options.from,
    outputTopic: options.to,
    deadLetterTopic: options.deadLetter,
    groupId: options.group,
    maxInFlight: wholeNumber(options.maxInFlight, "a number of records"),
    ...(options.shadow === undefined ? {} : { shadowTopic: options.shadow }),
  };
  const made = await askFor(connectionFrom(process.env), "/api/v1/streams", createStream.response, { method: "POST", json });
  print(command, made, [`stream ${made.name}`]);
}

const weights = ({ arms }: StreamView["replays"][number]): string => arms.map(({ versionName, weightBp }) => `${versionName} ${weightBp / 100} %`).join(", ");

/** stream create, list, show, replay, rollback, pause, resume. */
export function addStreamCommands(program: Command): void {
  const stream = program.command("stream").description("answer the records of Kafka topics");
  stream
    .command("create")
    .description("answer the records of a topic by an endpoint, into another topic")
    .argument("<name>")
    .requiredOption("--endpoint <name>", "whose versions answer")
    .requiredOption("--from <topic>", "records to answer")
    .requiredOption("--to <topic>", "where answers go")
    .requiredOption("--dead-letter <topic>", "where records without an answer go")
    .requiredOption("--group <id>", "consumer group")
    .option("--shadow <topic>", "where answers of a shadow go")
    .option("--max-in-flight <records>", "records that are answered and committed together", "64")
    .action(create);
  stream
    .command("list")
    .description("streams with their lag")
    .action(async (_options: unknown, command: Command) => {
      const { data } = await askFor(connectionFrom(process.env), "/api/v1/streams", listStreams.response);
      const rows = data.map((row) => [row.name, row.health, row.endpointName, row.inputTopic, row.outputTopic, row.lag === null ? "" : String(row.lag)]);
      print(command, data, columns([["stream", "state", "endpoint", "from", "to", "lag"], ...rows]));
    });
  stream
    .command("show")
    .description("one stream with its places in the topic")
    .argument("<name>")
    .action(async (name: string, _options: unknown, command: Command) => {
      const view = await askFor(connectionFrom(process.env), pathOf(name), readStream.response);
      const places = view.partitions.map(({ partition, next, end, lag, runtime }) => [String(partition), String(next), String(end), String(lag), runtime]);
      print(command, view, [`${view.stream.health}  ${view.say}`, ...columns([["partition", "next", "end", "lag", "runtime"], ...places])]);
    });
  stream
    .command("replay")
    .description("points that a stream can go back to, and what each would answer again")
    .argument("<name>")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { replays } = await askFor(connectionFrom(process.env), pathOf(name), readStream.response);
      const rows = replays.flatMap((replay) =>
        replay.ranges.map(({ partition, from, to, count }) => [String(replay.epoch), weights(replay), String(partition), String(from), String(to), String(count)]),
      );
      print(command, replays, columns([["epoch", "weights", "partition", "from", "to", "records"], ...rows]));
    });
  stream
    .command("rollback")
    .description("go back to where an epoch began; the records since are answered again")
    .argument("<name>")
    .requiredOption("--epoch <number>", "from slipway stream replay")
    .requiredOption("--reason <text>", "kept in the audit trail")
    .action(async (name: string, options: { epoch: string; reason: string }, command: Command) => {
      const json = { epoch: wholeNumber(options.epoch, "an epoch"), reason: options.reason };
      const done = await askFor(connectionFrom(process.env), `${pathOf(name)}/rollback`, rollBackStream.response, { method: "POST", json });
      print(command, done, [`${done.name}: ${done.records} records are answered again`]);
    });
  for (const act of ["pause", "resume"] as const) {
    stream
      .command(act)
      .description(act === "pause" ? "stop after what is under way; records wait in the topic" : "go on from the committed places")
      .argument("<name>")
      .option("--reason <text>", "kept in the audit trail")
      .action(async (name: string, options: { reason?: string }, command: Command) => {
        const json = { reason: options.reason ?? null };
        const done = await askFor(connectionFrom(process.env), `${pathOf(name)}/${act}`, pauseStream.response, { method: "POST", json });
        print(command, done, [`${done.name}  ${done.state}`]);
      });
  }
}
