/** What people see while it starts: one line for each thing done, with its time. */
export type Terminal = {
  /** Prints what takes long before it is done, and every stage with its duration when it is. */
  stage: <T>(
    label: string,
    work: () => Promise<T>,
    options?: { long?: boolean; done?: (result: T) => string },
  ) => Promise<T>;
  say: (text: string) => void;
  warn: (text: string) => void;
  raw: (text: string) => void;
};

const WIDTH = 66;

export function createTerminal(out: NodeJS.WriteStream): Terminal {
  const color = out.isTTY && process.env["NO_COLOR"] === undefined;
  const paint = (code: number, text: string): string =>
    color ? `\u001b[${code}m${text}\u001b[0m` : text;
  const raw = (text: string): void => void out.write(`${text}\n`);
  return {
    raw,
    say: (text) => raw(`  ${paint(2, "·")} ${text}`),
    warn: (text) => raw(`  ${paint(33, "!")} ${text}`),
    stage: async (label, work, options = {}) => {
      if (options.long === true) raw(`  ${paint(2, "·")} ${label} ...`);
      const startedAt = performance.now();
      const result = await work();
      const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
      raw(
        `  ${paint(32, "✓")} ${(options.done?.(result) ?? label).padEnd(WIDTH)} ${paint(2, seconds)}`,
      );
      return result;
    },
  };
}
