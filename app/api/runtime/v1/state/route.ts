import { getDesiredState } from "#lib/contracts/api/runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getDesiredState, async ({ app, actor, query, request }) => {
  const waitForChange = (timeoutMs: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        unsubscribe();
        request.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      const unsubscribe = app.bus.subscribe(["desired-state"], done);
      request.signal.addEventListener("abort", done);
    });
  const state = await app.runtimes.awaitDesiredState(
    actor,
    query,
    waitForChange,
    () => request.signal.aborted,
  );
  return state === null ? new Response(null, { status: 204 }) : { body: await app.withCredentials(state) };
});
