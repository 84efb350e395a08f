import { CommanderError } from "commander";
import { buildProgram } from "./program.ts";
import { EXIT, CliProblem } from "./exit-codes.ts";

/** 0 done, 1 error, 2 wrong use, 3 not found, 4 refused, 5 rolled back, 6 timed out waiting. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  // The verifier keeps its own arguments and exit codes: the same as in the file that stands alone.
  if (argv[0] === "audit" && argv[1] === "verify") {
    const { runAuditVerify } = await import("./audit-verify/run-audit-verify.ts");
    return runAuditVerify(argv.slice(2), {
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
    });
  }
  try {
    await buildProgram().parseAsync(["node", "slipway", ...argv]);
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof CliProblem) {
      process.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    throw error;
  }
}
