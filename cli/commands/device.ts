import type { Command } from "commander";
import { advanceDeviceUpdate, createDeviceCode, holdDeviceUpdate, listDevices, revokeDevice, rollBackDevices, startDeviceUpdate } from "#lib/contracts/api/edge-operations.ts";
import { enrolmentCommand } from "#lib/domain/edge/enrolment-command.ts";
import { askFor, connectionFrom, type Connection } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print, tell } from "../output.ts";

type Fleet = Awaited<ReturnType<typeof readFleet>>;

const readFleet = (connection: Connection, endpoint: string) => askFor(connection, `/api/v1/edge/devices?endpoint=${encodeURIComponent(endpoint)}`, listDevices.response);

const percent = (shareBp: number): string => `${shareBp / 100} %`;

function lines({ endpoint, version, updates, devices }: Fleet): string[] {
  const [newest] = updates;
  const order = newest === undefined ? "" : `; order ${newest.number} to ${newest.version}: ${newest.state}, ${percent(newest.shareBp)}, ${newest.installed} took it, ${newest.failed} would not`;
  const rows = devices.map((device) => [device.name, device.version ?? "", String(device.manifestNumber ?? ""), device.revokedAt === null ? (device.outcome ?? "") : "revoked", device.contactAt ?? "never", device.countsAt ?? "none", device.problem ?? ""]);
  return [`${endpoint} should run ${version ?? "nothing yet"}${order}`, ...columns([["device", "runs", "order", "outcome", "last contact", "last counts", "problem"], ...rows])];
}

/** The order that is meant when none is named: the newest. */
async function newestNumber(connection: Connection, endpoint: string): Promise<number> {
  const [newest] = (await readFleet(connection, endpoint)).updates;
  if (newest === undefined) throw new CliProblem(`${endpoint} has had no order.`, EXIT.notFound);
  return newest.number;
}

type OrderOptions = { readonly version: string; readonly reason: string; readonly hardware?: string[]; readonly limit?: string };

async function order(endpoint: string, { version, reason, hardware, limit }: OrderOptions, command: Command): Promise<void> {
  const json = { endpoint, version, reason, ...(hardware === undefined ? {} : { hardware }), ...(limit === undefined ? {} : { failureLimitBp: Math.round(Number(limit) * 100) }) };
  const made = await askFor(connectionFrom(process.env), "/api/v1/edge/updates", startDeviceUpdate.response, { method: "POST", json });
  print(command, made, [`order ${made.number}; no device has it yet: slipway device advance ${endpoint}`]);
}

/** device list, code, revoke, order, advance, hold, rollback. */
export function addDeviceCommands(program: Command): void {
  const device = program.command("device").description("endpoints that are served on devices");
  device
    .command("list")
    .description("what each device runs, when it was last heard of and why it refused")
    .argument("<endpoint>")
    .action(async (endpoint: string, _options: unknown, command: Command) => {
      const fleet = await readFleet(connectionFrom(process.env), endpoint);
      print(command, fleet, lines(fleet));
    });
  device
    .command("code")
    .description("a code with which one device may join, shown once")
    .argument("<endpoint>")
    .option("--name <name>", "what the device is to be called", "NAME")
    .option("--minutes <count>", "how long it is good for", "60")
    .action(async (endpoint: string, { name, minutes }: { name: string; minutes: string }, command: Command) => {
      const connection = connectionFrom(process.env);
      const json = { endpoint, validMinutes: Number(minutes) };
      const made = await askFor(connection, "/api/v1/edge/codes", createDeviceCode.response, { method: "POST", json });
      print(command, made, [made.code]);
      tell(`Good for one device until ${made.expiresAt}. On it:\n  ${enrolmentCommand({ controlUrl: connection.url, name, code: made.code })}`);
    });
  device
    .command("revoke")
    .description("refuse a device's calls from now on, for good; it serves what it has")
    .argument("<endpoint>")
    .argument("<device>", "its name")
    .requiredOption("--reason <text>", "kept in the audit trail")
    .action(async (endpoint: string, name: string, { reason }: { reason: string }, command: Command) => {
      const path = `/api/v1/edge/devices/${encodeURIComponent(endpoint)}/${encodeURIComponent(name)}/revoke`;
      const done = await askFor(connectionFrom(process.env), path, revokeDevice.response, { method: "POST", json: { reason } });
      print(command, done, [`${done.device} is revoked since ${done.revokedAt}`]);
    });
  device
    .command("order")
    .description("offer a version to the devices; it reaches none of them before it is advanced")
    .argument("<endpoint>")
    .requiredOption("--version <name>", "a registered version of the endpoint's model")
    .requiredOption("--reason <text>", "kept in the audit trail")
    .option("--hardware <names...>", "only devices of these, such as linux-arm64")
    .option("--limit <percent>", "it holds by itself when more of the devices would not take it")
    .action(order);
  for (const act of ["advance", "hold"] as const) {
    const operation = act === "advance" ? advanceDeviceUpdate : holdDeviceUpdate;
    device
      .command(act)
      .description(act === "advance" ? "one ring wider; after the last ring, done; one that was held goes on" : "offer it to no further device")
      .argument("<endpoint>")
      .requiredOption("--reason <text>", "kept in the audit trail")
      .action(async (endpoint: string, json: { reason: string }, command: Command) => {
        const connection = connectionFrom(process.env);
        const path = `/api/v1/edge/updates/${encodeURIComponent(endpoint)}/${await newestNumber(connection, endpoint)}/${act}`;
        const done = await askFor(connection, path, operation.response, { method: "POST", json });
        print(command, done, [`order ${done.number}  ${done.state}  ring ${done.ring}`]);
      });
  }
  device
    .command("rollback")
    .description("every device goes back to the version before, by one person without approval")
    .argument("<endpoint>")
    .requiredOption("--reason <text>", "kept in the audit trail")
    .action(async (endpoint: string, { reason }: { reason: string }, command: Command) => {
      const done = await askFor(connectionFrom(process.env), "/api/v1/edge/rollback", rollBackDevices.response, { method: "POST", json: { endpoint, reason } });
      print(command, done, [`order ${done.number}: back to ${done.version}`]);
    });
}
