import type { RuntimeSettings } from "../env.ts";
import { createControlClient, type ControlClient } from "./control-client.ts";

/** The line to the control plane, and how long it has been silent. */
type Line = {
  readonly control: ControlClient | null;
  readonly silentMs: () => number;
  readonly hasAnswered: () => boolean;
};

/** A device has a line of its own, by its own key. */
export function openLine({ role, controlUrl, token }: RuntimeSettings): Line {
  const bootMs = performance.now();
  let lastContactMs: number | null = null;
  const onContact = (): void => {
    lastContactMs = performance.now();
  };
  return {
    control:
      controlUrl === null || token === null || role === "edge"
        ? null
        : createControlClient(controlUrl, token, onContact),
    silentMs: () => performance.now() - (lastContactMs ?? bootMs),
    hasAnswered: () => lastContactMs !== null,
  };
}
