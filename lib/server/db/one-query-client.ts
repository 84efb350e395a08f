import { Client, type ClientConfig } from "pg";

type Query = (...given: unknown[]) => unknown;

/**
 * A connection that hands the server one query at a time. Prisma reads the relations of an `include` side by side, within one transaction on one connection;
 * pg would keep them in a queue of its own, which it gives up in its next major version and warns of until then. Callback queries go straight through: only
 * pools make them, one for each connection that they lend.
 */
export class OneQueryClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    const now = this.query.bind(this) as Query;
    let waiting = 0;
    let last: Promise<unknown> = Promise.resolve();
    const inTurn: Query = (...given) => {
      if (typeof given.at(-1) === "function") return now(...given);
      const answer = waiting === 0 ? (now(...given) as Promise<unknown>) : last.then(() => now(...given));
      waiting += 1;
      last = answer.then(
        () => (waiting -= 1),
        () => (waiting -= 1),
      );
      return answer;
    };
    this.query = inTurn as Client["query"];
  }
}
