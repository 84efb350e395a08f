import { sendStage, type StageCounts, type StageOrder } from "./send-stage.ts";

/** What the sending process tells the one that started it. */
export type SenderMessage = { readonly kind: "sent"; readonly sent: number } | { readonly kind: "done"; readonly counts: StageCounts } | { readonly kind: "failed"; readonly problem: string };

const TELL_MS = 500;

/** The program of the process that sends: one stage for each order, until its parent closes the line. */
process.on("message", (order: StageOrder) => {
  let toldMs = 0;
  const onSent = (sent: number): void => {
    const nowMs = performance.now();
    if (nowMs - toldMs < TELL_MS) return;
    toldMs = nowMs;
    tell({ kind: "sent", sent });
  };
  sendStage(order, onSent).then(
    (counts) => tell({ kind: "done", counts }),
    (error: unknown) => tell({ kind: "failed", problem: error instanceof Error ? error.message : String(error) }),
  );
});
process.once("disconnect", () => process.exit());

function tell(message: SenderMessage): void {
  process.send?.(message);
}
