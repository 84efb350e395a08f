import { type Logger, pino } from "pino";

/** Never in a log, wherever in an object it stands. */
const SECRETS = [
  "password", "token", "secret", "authorization", "cookie", "clientSecret", "passwordHash", "tokenHash", "key",
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export type { Logger };

/** One JSON line an event on standard output. */
export const createLogger = (level: string): Logger =>
  pino({ level, base: { part: "control-plane" }, redact: { paths: SECRETS, censor: "[redacted]" } });
