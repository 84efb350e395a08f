import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { bindVersion, changeTarget, createTarget, listTargets, restoreBinding } from "#lib/contracts/api/target-operations.ts";
import { TARGET_KINDS } from "#lib/domain/serving/target-kinds.ts";
import { askFor, connectionFrom } from "../connection.ts";
import { columns, print } from "../output.ts";

type AddOptions = { readonly kind: string; readonly url: string; readonly environment: string; readonly managementUrl?: string; readonly timeoutMs?: string; readonly isolated?: boolean };

/** target list, add, change, bind, restore. */
export function addTargetCommands(program: Command): void {
  const target = program.command("target").description("servers of others that run models");
  target
    .command("list")
    .description("targets, what was put on them and what they say they serve")
    .action(async (_options: unknown, command: Command) => {
      const view = await askFor(connectionFrom(process.env), "/api/v1/targets", listTargets.response);
      const rows = view.targets.flatMap(({ name, kind, bindings }) =>
        bindings.length === 0 ? [[name, kind, "", "", "", ""]] : bindings.map((one) => [name, kind, `${one.modelName} ${one.versionName}`, one.drift, one.driftProblem ?? "", one.id]),
      );
      print(command, view.targets, columns([["target", "kind", "version", "state", "problem", "binding"], ...rows]));
    });
  target
    .command("add")
    .description("name a server; SLIPWAY_TARGET_AUTHORIZATION is sent to it as the authorization header and kept encrypted")
    .argument("<name>")
    .requiredOption("--kind <kind>", TARGET_KINDS.join(", "))
    .requiredOption("--url <address>")
    .requiredOption("--environment <name>")
    .option("--management-url <address>", "TorchServe: its management API")
    .option("--isolated", "it runs in a container of its own, without credentials and without a way to other systems")
    .option("--timeout-ms <ms>", "after which an answer is none")
    .action(async (name: string, options: AddOptions, command: Command) => {
      const authorization = process.env["SLIPWAY_TARGET_AUTHORIZATION"];
      const { timeoutMs, isolated, ...rest } = options;
      const json = { name, ...rest, isIsolated: isolated === true, ...(timeoutMs === undefined ? {} : { timeoutMs: Number(timeoutMs) }), ...(authorization === undefined ? {} : { headers: { authorization } }) };
      const made = await askFor(connectionFrom(process.env), "/api/v1/targets", createTarget.response, { method: "POST", json });
      print(command, made, [`target ${made.name}`]);
    });
  target
    .command("change")
    .description("change how a server is reached; SLIPWAY_TARGET_AUTHORIZATION, when set, takes the place of its credentials")
    .argument("<name>")
    .requiredOption("--reason <text>", "kept in the audit trail")
    .option("--url <address>", "left out: as it is")
    .option("--timeout-ms <ms>", "left out: as it is")
    .action(async (name: string, options: { reason: string; url?: string; timeoutMs?: string }, command: Command) => {
      const connection = connectionFrom(process.env);
      const { targets } = await askFor(connection, "/api/v1/targets", listTargets.response);
      const known = targets.find((one) => one.name === name);
      if (known === undefined) throw new Error(`There is no target ${name}.`);
      const authorization = process.env["SLIPWAY_TARGET_AUTHORIZATION"];
      const json = {
        url: options.url ?? known.url,
        managementUrl: known.managementUrl,
        timeoutMs: options.timeoutMs === undefined ? known.timeoutMs : Number(options.timeoutMs),
        reason: options.reason,
        ...(authorization === undefined ? {} : { headers: { authorization } }),
      };
      const path = `/api/v1/targets/${encodeURIComponent(name)}/connection`;
      const done = await askFor(connection, path, changeTarget.response, { method: "PUT", json });
      print(command, done, [`target ${done.name}: runtimes change over when it answers golden inputs`]);
    });
  target
    .command("bind")
    .description("say that a server runs a version, before the version is on any endpoint")
    .argument("<target>")
    .requiredOption("--model <name>")
    .requiredOption("--version <name>")
    .option("--remote-model <name>", "what the server calls it")
    .option("--remote-version <name>", "version or label there; left out, its default")
    .option("--mapping <json>", "file with the mapping of a JSON endpoint")
    .action(async (name: string, options: { model: string; version: string; remoteModel?: string; remoteVersion?: string; mapping?: string }, command: Command) => {
      const { mapping, ...rest } = options;
      const json = { ...rest, ...(mapping === undefined ? {} : { mapping: JSON.parse(await readFile(mapping, "utf8")) as unknown }) };
      const path = `/api/v1/targets/${encodeURIComponent(name)}/bindings`;
      const made = await askFor(connectionFrom(process.env), path, bindVersion.response, { method: "POST", json });
      print(command, made, [`bound as ${made.id}`]);
    });
  target
    .command("restore")
    .description("tell a server to serve again what was approved")
    .argument("<binding>", "from target list")
    .requiredOption("--reason <text>", "kept in the audit trail")
    .action(async (binding: string, options: { reason: string }, command: Command) => {
      const path = `/api/v1/target-bindings/${encodeURIComponent(binding)}/restore`;
      const done = await askFor(connectionFrom(process.env), path, restoreBinding.response, { method: "POST", json: options });
      print(command, done, [done.drift === "none" ? "as approved" : (done.problem ?? done.drift)]);
    });
}
