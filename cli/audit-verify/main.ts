import process from "node:process";
import { runAuditVerify } from "./run-audit-verify.ts";

process.exitCode = await runAuditVerify(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
