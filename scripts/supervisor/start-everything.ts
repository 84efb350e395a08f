import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { chooseAddresses } from "./addresses.ts";
import { ensureBuild } from "./build.ts";
import { readState, writeState, writeWhole } from "./data-directory.ts";
import type { DataDirectory } from "./data-directory.ts";
import {
  checkOwnDatabase,
  isUntouched,
  migrateDatabase,
  startEmbeddedDatabase,
} from "./database.ts";
import type { Database } from "./database.ts";
import { seedDemo } from "./demo.ts";
import {
  environments,
  keptEnvironment,
  localEnvironmentFile,
  runtimeTokenFile,
  toolEnvironment,
} from "./environment.ts";
import type { Addresses, Environments } from "./environment.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { follow, rotate } from "./log-file.ts";
import { isOnThisMachineOnly } from "./options.ts";
import type { StartOptions } from "./options.ts";
import { ensurePrismaClient } from "./prisma-client.ts";
import { writeRecords } from "./process-group.ts";
import type { ProcessRecord } from "./process-group.ts";
import { answersOk, startService } from "./service.ts";
import type { Service, ServiceEvents } from "./service.ts";
import { printSummary } from "./summary.ts";
import { runTask } from "./task.ts";
import type { Terminal } from "./terminal.ts";

const READY_LIMIT_MS = 60_000;
const ROTATE_MS = 30_000;

type Context = {
  root: string;
  options: StartOptions;
  data: DataDirectory;
  lifecycle: Lifecycle;
  terminal: Terminal;
  events: ServiceEvents;
};

/** Brings everything up in order, prints what came of it, and leaves it running until the lifecycle stops. */
export async function startEverything(
  root: string,
  options: StartOptions,
  data: DataDirectory,
  lifecycle: Lifecycle,
  terminal: Terminal,
): Promise<void> {
  const startedAt = performance.now();
  const context: Context = {
    root,
    options,
    data,
    lifecycle,
    terminal,
    events: serviceEvents(data, terminal),
  };
  keepLogs(context);
  rmSync(join(data.root, "state", "ready.json"), { force: true });
  const addresses = await chooseAddresses(options, data, terminal);
  const [database, distDirectory] = await Promise.all([
    prepareDatabase(context),
    prepareCode(context),
  ]);
  lifecycle.signal.throwIfAborted();

  const env = environments(data, process.env, {
    database,
    addresses,
    distDirectory,
    development: options.development,
  });
  writeWhole(localEnvironmentFile(data), JSON.stringify(keptEnvironment(env.control)));
  writeFileSync(join(data.root, "state", "address"), `${addresses.publicUrl}\n`);

  const demo = await demoWish(context, database);
  const seeding = demo === "wanted" || options.resetDemo;
  const hasToken = existsSync(runtimeTokenFile(data));
  const prepared = hasToken && seeding ? null : bootstrapInstall(context, env, demo !== "none");
  // The runtime cannot start without its token; once it has one, the link is made while the rest starts.
  if (!hasToken) await prepared;
  const [, earlyLink] = await Promise.all([startServices(context, env, addresses), prepared]);
  if (seeding) {
    await terminal.stage("the demo: models, people, releases", () =>
      seedDemo(root, data, env.control, lifecycle, demo !== "wanted"),
    );
    writeState(data, { demo: "done" });
  }
  const link =
    seeding || earlyLink === null
      ? await bootstrapInstall(context, env, demo !== "none")
      : earlyLink;
  if (demo !== "none") startTraffic(context, env);
  const ready = {
    pid: process.pid,
    url: addresses.publicUrl,
    runtimeUrl: addresses.runtimeUrl,
    link,
  };
  writeWhole(join(data.root, "state", "ready.json"), JSON.stringify(ready));
  printSummary(terminal, { link, addresses, demo: demo !== "none", data, startedAt, options });
}

function serviceEvents(data: DataDirectory, terminal: Terminal): ServiceEvents {
  const records = new Map<string, ProcessRecord>();
  return {
    onNotice: terminal.warn,
    onRecord: (name, record) => {
      if (record === null) records.delete(name);
      else records.set(name, record);
      writeRecords(join(data.root, "state", "processes.json"), [...records.values()]);
    },
  };
}

const PARTS = ["postgres", "control-plane", "runtime", "traffic", "demo", "setup"] as const;

function keepLogs({ data, options, terminal, lifecycle }: Context): void {
  const timer = setInterval(() => PARTS.forEach((part) => rotate(data.log(part))), ROTATE_MS);
  const ends = options.verbose
    ? PARTS.map((part) =>
        follow(data.log(part), (line) => terminal.raw(`${part.padEnd(13)} ${line}`)),
      )
    : [];
  lifecycle.add("lock", {
    stop: () => {
      clearInterval(timer);
      for (const end of ends) end();
      return Promise.resolve();
    },
    kill: () => undefined,
  });
}

async function prepareDatabase({
  options,
  data,
  lifecycle,
  terminal,
  events,
}: Context): Promise<Database> {
  const own = options.database;
  const database = await terminal.stage(
    "the database",
    () => (own === null ? startEmbeddedDatabase(data, lifecycle, events) : checkOwnDatabase(own)),
    { done: (ready) => ready.description },
  );
  await terminal.stage("migrations", () => migrateDatabase(database), {
    done: ({ applied, alreadyThere }) =>
      applied.length === 0
        ? `database at migration ${alreadyThere}`
        : `${applied.length} migrations applied`,
  });
  return database;
}

/** Generated client and built pages, when they are not there yet. Resolves to the folder of the build. */
async function prepareCode({ root, options, data, lifecycle, terminal }: Context): Promise<string> {
  const tool = toolEnvironment(data, process.env);
  const run = (name: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> =>
    runTask({ name, args, cwd: root, env, logFile: data.log("setup") }, lifecycle);
  await ensurePrismaClient(root, () =>
    terminal.stage("database client generated", async () => {
      await run(
        "generating the database client",
        [join(root, "scripts", "generate-prisma.mjs")],
        tool,
      );
    }),
  );
  if (options.development) return ".next/development";
  const next = join(root, "node_modules", "next", "dist", "bin", "next");
  const { distDirectory } = await ensureBuild({
    root,
    onWait: terminal.say,
    build: (distDirectory) =>
      terminal.stage(
        "building the pages (once, and again when the sources change)",
        async () => {
          await run("the build", [next, "build"], { ...tool, SLIPWAY_DIST_DIR: distDirectory });
        },
        { long: true, done: () => "pages built" },
      ),
  });
  return distDirectory;
}

/** Whether this installation has the demo: decided when its database is first used, and kept. */
async function demoWish(
  { options, data, terminal }: Context,
  database: Database,
): Promise<"none" | "wanted" | "done"> {
  const kept = readState(data).demo;
  if (kept !== undefined) return kept;
  let demo: "none" | "wanted" = options.empty || !(await isUntouched(database)) ? "none" : "wanted";
  if (demo === "wanted" && !isOnThisMachineOnly(options)) {
    terminal.say(
      "no demo: its people need no password, and this start is reachable from elsewhere",
    );
    demo = "none";
  }
  writeState(data, { demo });
  return demo;
}

/** Install id, signing key, runtime token; resolves to the sign-in link, which it prints last. */
async function bootstrapInstall(
  { root, data, lifecycle }: Context,
  env: Environments,
  demo: boolean,
): Promise<string> {
  const output = await runTask(
    {
      name: "setting up the installation",
      args: [join(root, "scripts", "bootstrap-install.ts"), ...(demo ? [] : ["--empty"])],
      cwd: root,
      env: env.control,
      logFile: data.log("setup"),
    },
    lifecycle,
  );
  return output.trimEnd().split("\n").at(-1) ?? "";
}

async function startServices(
  context: Context,
  env: Environments,
  addresses: Addresses,
): Promise<void> {
  const { root, terminal } = context;
  const control = startPart(
    context,
    "control-plane",
    [join(root, "server.ts")],
    env.control,
    3_000,
  );
  const runtime = startPart(
    context,
    "runtime",
    [join(root, "runtime", "main.ts")],
    env.runtime,
    3_000,
  );
  await Promise.all([
    terminal.stage(
      "control plane",
      () => control.whenReady(() => answersOk(`${addresses.controlUrl}/readyz`), READY_LIMIT_MS),
      { done: () => `control plane on ${addresses.publicUrl}` },
    ),
    terminal.stage(
      "runtime",
      () =>
        runtime.whenReady(
          () => answersOk(`${addresses.runtimeUrl}/v2/health/live`),
          READY_LIMIT_MS,
        ),
      { done: () => `runtime on ${addresses.runtimeUrl}, Open Inference Protocol v2` },
    ),
  ]);
}

function startTraffic(context: Context, env: Environments): void {
  startPart(context, "traffic", [join(context.root, "examples", "traffic.ts")], env.traffic, 500);
}

function startPart(
  { root, data, lifecycle, events }: Context,
  name: "control-plane" | "runtime" | "traffic",
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  graceMs: number,
): Service {
  const stage = name === "traffic" ? "users" : "services";
  return startService(
    { name, args, cwd: root, env, logFile: data.log(name), stage, graceMs },
    lifecycle,
    events,
  );
}
