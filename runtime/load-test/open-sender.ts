import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SenderMessage } from "./sender.ts";
import type { StageCounts, StageOrder } from "./send-stage.ts";

const PROGRAM = fileURLToPath(new URL("./sender.ts", import.meta.url));

/** A process of its own that sends: on the thread that answers it would measure itself. */
export type Sender = {
  send(order: StageOrder, onSent: (sent: number) => void): Promise<StageCounts>;
  close(): void;
};

export function openSender(signal: AbortSignal): Sender {
  const child = spawn(process.execPath, ["--no-warnings", PROGRAM], {
    env: { NODE_ENV: "production" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "json",
  });
  const close = (): void => {
    signal.removeEventListener("abort", close);
    child.kill("SIGKILL");
  };
  signal.addEventListener("abort", close, { once: true });
  // Told by whoever waits for an answer; without a listener a failed start would end the runtime.
  child.on("error", () => undefined);
  return {
    send: (order, onSent) =>
      new Promise((resolve, reject) => {
        const settle = (end: () => void): void => {
          child.off("message", onMessage);
          child.off("exit", onExit);
          end();
        };
        const onExit = (): void => settle(() => reject(new Error("The process that sends the load ended.")));
        const onMessage = (message: SenderMessage): void => {
          if (message.kind === "sent") return onSent(message.sent);
          if (message.kind === "failed") return settle(() => reject(new Error(message.problem)));
          settle(() => resolve(message.counts));
        };
        child.on("message", onMessage);
        child.once("exit", onExit);
        child.send(order, (error) => {
          if (error !== null) settle(() => reject(error));
        });
      }),
    close,
  };
}
