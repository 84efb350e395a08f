import cluster from "node:cluster";
import { answers, question, type Ask, type Reply } from "./messages.ts";

const WAIT_MS = 3000;

/** The other front processes of this runtime; null where there is only one. */
export type Siblings = {
  /** What the others reply; those that do not within seconds are left out. */
  ask(ask: Ask): Promise<Reply[]>;
  /** How this process replies to theirs. */
  onAsk(reply: (ask: Ask) => Promise<Reply>): void;
};

/** The line to the siblings, when this process was started as one of several. */
export function openSiblings(): Siblings | null {
  if (!cluster.isWorker || process.send === undefined) return null;
  const send = process.send.bind(process);
  const waiting = new Map<number, (replies: Reply[]) => void>();
  let reply: ((ask: Ask) => Promise<Reply>) | null = null;
  let nextId = 0;

  process.on("message", (message: unknown) => {
    const asked = question.safeParse(message);
    if (asked.success && reply !== null) {
      const { id, ask } = asked.data;
      reply(ask).then(
        (said) => send({ slipway: "answer", id, reply: said }),
        () => undefined,
      );
      return;
    }
    const answered = answers.safeParse(message);
    if (!answered.success) return;
    waiting.get(answered.data.id)?.(answered.data.replies);
    waiting.delete(answered.data.id);
  });
  return {
    ask: (ask) =>
      new Promise((resolve) => {
        nextId += 1;
        const id = nextId;
        const timer = setTimeout(() => {
          waiting.delete(id);
          resolve([]);
        }, WAIT_MS);
        waiting.set(id, (replies) => {
          clearTimeout(timer);
          resolve(replies);
        });
        send({ slipway: "question", id, ask });
      }),
    onAsk(next) {
      reply = next;
    },
  };
}
