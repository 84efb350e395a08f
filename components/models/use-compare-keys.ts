import type { ComparisonView } from "#lib/contracts/views/comparison-view.ts";
import { useShortcuts } from "../shell/shortcuts-provider.tsx";

/** [ and ] move the second version to the next older or newer one, x swaps the two. */
export function useCompareKeys(view: ComparisonView, go: (from: string, to: string) => void): void {
  // Newest first.
  const at = view.versions.indexOf(view.to);
  const move = (by: number) => () => {
    const next = view.versions[at + by];
    if (next !== undefined) go(view.from, next);
  };
  useShortcuts([
    { keys: "[", does: "Compare with the next older version", run: move(1) },
    { keys: "]", does: "Compare with the next newer version", run: move(-1) },
    {
      keys: "x",
      does: "Swap the two versions",
      run: () => {
        go(view.to, view.from);
      },
    },
  ]);
}
