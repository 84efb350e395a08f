import { readFile, writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { getCard, importCard, publishCard, signCard } from "#lib/contracts/api/card-operations.ts";
import { CARD_EXPORT_FORMATS, CARD_IMPORT_FORMATS, CARD_MEANINGS, type CardView } from "#lib/contracts/card-api.ts";
import { ask, askFor, connectionFrom, type Connection } from "../connection.ts";
import { print, tell } from "../output.ts";

const pathOf = (model: string, version: string): string => `/api/v1/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/card`;
const read = (connection: Connection, model: string, version: string): Promise<CardView> => askFor(connection, pathOf(model, version), getCard.response);

/** card show, export, import, sign, publish. */
export function addCardCommands(program: Command): void {
  const card = program.command("card").description("model cards: read, export, import, sign, publish");

  card
    .command("show")
    .argument("<model>")
    .argument("<version>")
    .action(async (model: string, version: string, _options: unknown, command: Command) => {
      const view = await read(connectionFrom(process.env), model, version);
      const state = view.revision === null ? "not begun" : `revision ${String(view.revision.number)}, ${view.revision.state}`;
      print(command, view, [
        `${model} ${version}  ${state}  ${String(view.completeness.written)} of ${String(view.completeness.required)} sections  ${view.digest}`,
        ...view.publishingRefusals.map((text) => `  ${text}`),
      ]);
    });

  card
    .command("export")
    .argument("<model>")
    .argument("<version>")
    .addOption(new Option("--format <format>").choices(CARD_EXPORT_FORMATS).default("markdown"))
    .option("--revision <number>", "left out: the published one")
    .requiredOption("--file <path>")
    .action(async (model: string, version: string, options: { format: string; revision?: string; file: string }, command: Command) => {
      const query = new URLSearchParams({ format: options.format, ...(options.revision === undefined ? {} : { revision: options.revision }) });
      const response = await ask(connectionFrom(process.env), `${pathOf(model, version)}/export?${query.toString()}`);
      await writeFile(options.file, new Uint8Array(await response.arrayBuffer()), { mode: 0o600 });
      print(command, { file: options.file }, [options.file]);
    });

  card
    .command("import")
    .description("take the written part and the claimed figures from a file")
    .argument("<model>")
    .argument("<version>")
    .addOption(new Option("--format <format>").choices(CARD_IMPORT_FORMATS).default("markdown"))
    .requiredOption("--file <path>")
    .action(async (model: string, version: string, options: { format: string; file: string }, command: Command) => {
      const json = { format: options.format, text: await readFile(options.file, "utf8") };
      const taken = await askFor(connectionFrom(process.env), `${pathOf(model, version)}/import`, importCard.response, { method: "POST", json });
      print(command, taken, [`revision ${String(taken.revision)}  ${taken.sections.join(", ")}`]);
      if (taken.ignored.length > 0) tell(`No place on a card: ${taken.ignored.join(", ")}`);
    });

  card
    .command("sign")
    .argument("<model>")
    .argument("<version>")
    .addOption(new Option("--meaning <meaning>").choices(CARD_MEANINGS).makeOptionMandatory())
    .requiredOption("--reason <text>")
    .action(async (model: string, version: string, options: { meaning: string; reason: string }, command: Command) => {
      const connection = connectionFrom(process.env);
      const { digest } = await read(connection, model, version);
      const signed = await askFor(connection, `${pathOf(model, version)}/sign`, signCard.response, { method: "POST", json: { ...options, digest } });
      print(command, signed, [`signed ${signed.digest}`]);
    });

  card
    .command("publish")
    .argument("<model>")
    .argument("<version>")
    .action(async (model: string, version: string, _options: unknown, command: Command) => {
      const connection = connectionFrom(process.env);
      const { digest } = await read(connection, model, version);
      const published = await askFor(connection, `${pathOf(model, version)}/publish`, publishCard.response, { method: "POST", json: { digest } });
      print(command, published, [`revision ${String(published.revision)}  published`]);
    });
}
