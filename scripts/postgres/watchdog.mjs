// Ends a test's PostgreSQL and removes its directory when the process that started it is gone, however that went.
// Called as: watchdog.mjs PID DIRECTORY, with a pipe from that process as standard input. Nothing is ever written to it.
import { rmSync } from "node:fs";

import { startMark } from "../bootstrap/process-identity.mjs";

const pid = Number(process.argv[2]);
const directory = process.argv[3];
const mark = startMark(pid);

process.stdin.resume();
process.stdin.on("end", () => {
  // Immediate: nothing in it is worth a clean shutdown.
  if (mark !== null && startMark(pid) === mark) process.kill(pid, "SIGQUIT");
  const check = setInterval(() => {
    if (startMark(pid) === mark && mark !== null) return;
    clearInterval(check);
    rmSync(directory, { recursive: true, force: true });
  }, 50);
});
