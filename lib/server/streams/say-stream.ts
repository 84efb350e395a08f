import type { StreamView } from "#lib/contracts/views/stream-view.ts";

const records = (count: number): string => (count === 1 ? "1 record" : `${count.toLocaleString("en")} records`);

/** What libraries say of a failure ends with a full stop or does not. */
const sentence = (text: string): string => `${text.replace(/[.\s]+$/, "")}.`;

/** What a stream does, in a few sentences. */
export function sayStream(view: Omit<StreamView, "say">): string {
  const { stream, rollback, runtimes } = view;
  const way = `${stream.endpointName} answers ${stream.inputTopic} into ${stream.outputTopic}.`;
  const back = rollback === null || rollback.applied ? "" : ` It was rolled back: ${rollback.goneBack} of ${rollback.partitions} ${rollback.partitions === 1 ? "partition has" : "partitions have"} gone back.`;
  const behind = stream.lag === null ? "" : stream.lag === 0 ? " Every record is answered." : ` ${records(stream.lag)} ${stream.lag === 1 ? "waits" : "wait"}.`;
  switch (stream.health) {
    case "running":
      return `${way}${behind}${back}`;
    case "paused":
      return `${way} Paused: nothing is lost, records wait in the topic.${behind}${back}`;
    case "waiting":
      return `${way} No runtime with the role stream has taken it up yet.`;
    case "failing":
      return `${way} It does not get on: ${sentence(runtimes.find(({ problem }) => problem !== null)?.problem ?? "a runtime reports a problem")}${back}`;
    case "silent":
      return `${way} No runtime has reported for half a minute; the figures are the last ones known.${back}`;
  }
}
