import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { signNote } from "#lib/domain/audit/signed-note.ts";
import { formatCheckpoint } from "#lib/domain/audit/checkpoint.ts";
import { sampleKey } from "#lib/domain/audit/sample-log.fixture.ts";
import type { Actor } from "../../ports.ts";
import { type TestApp, testApp, testPerson } from "../../test-app.ts";

/** Somebody else's program: keeps what is posted, answers with it, and can be told to misbehave. */
class Receiver {
  readonly notes: string[] = [];
  refuses = false;
  isMute = false;
  readonly #server: Server;
  constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        if (this.isMute && request.method === "GET") response.writeHead(405).end();
        else if (request.method === "GET") response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ checkpoints: this.notes }));
        else if (this.refuses) response.writeHead(503).end();
        else {
          this.notes.push(Buffer.concat(parts).toString("utf8"));
          response.writeHead(204).end();
        }
      });
    });
  }
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? String(address.port) : "0"}/checkpoints`;
  }
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

let directory: string;
let receiver: Receiver;
let test: TestApp;
let database: Client;
let auditor: Actor;
let engineer: Actor;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-witness-"));
  receiver = new Receiver();
  const url = await receiver.start();
  test = await testApp({ variables: { SLIPWAY_AUDIT_WITNESSES: `vault=file:${directory} partner=${url}` } });
  database = new Client({ connectionString: test.database.superuserUrl });
  await database.connect();
  auditor = await testPerson(test.app, "Otto Dit", ["auditor"]);
  engineer = await testPerson(test.app, "Priya Nair", ["engineer"]);
});
afterEach(async () => {
  await database.end();
  await test.close();
  await receiver.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Some acts, a signature over them, and what is due handed over. */
async function actAndHand(name: string): Promise<void> {
  await test.app.registry.createModel(engineer, { name, intendedUse: "Stands for any act in a test.", riskTier: "low" });
  await (await test.app.trail()).signNow();
  await test.app.witnessDesk.handDue();
}

const standing = async (name: string) => (await test.app.audit.witnesses(auditor)).witnesses.find((one) => one.name === name);
const verdicts = async () => Object.fromEntries((await test.app.witnessDesk.askAll()).map(({ name, verdict }) => [name, verdict]));

it("hands each checkpoint to every witness once, in order, and each agrees with the trail", async () => {
  await actAndHand("one");
  await actAndHand("two");
  await test.app.witnessDesk.handDue();
  const files = (await readdir(directory)).sort();
  const { checkpoints } = await test.app.audit.checkpoints(auditor);
  // The first thing a new witness gets is the newest checkpoint: it covers all before it.
  const noted = checkpoints.slice(0, 2).map(({ note }) => note).reverse();
  expect(await Promise.all(files.map((name) => readFile(path.join(directory, name), "utf8")))).toEqual(noted);
  expect(receiver.notes).toEqual(noted);
  expect(await verdicts()).toEqual({ vault: "agrees", partner: "agrees" });
  const view = await test.app.audit.witnesses(auditor);
  expect(view.witnesses.map(({ deliveredSize, failures }) => [deliveredSize, failures])).toEqual([[view.signedSize, 0], [view.signedSize, 0]]);
  expect(view.deliveries).toHaveLength(4);
});

it("goes on with the others while one refuses, and hands that one all it missed, in order", async () => {
  await actAndHand("one");
  receiver.refuses = true;
  await actAndHand("two");
  await actAndHand("three");
  expect(await standing("partner")).toMatchObject({ failures: 1, lastProblem: "It answered 503." });
  expect(await standing("vault")).toMatchObject({ failures: 0 });
  receiver.refuses = false;
  await database.query(`UPDATE "AuditWitness" SET "retryAt" = now()`);
  await test.app.witnessDesk.handDue();
  expect(receiver.notes.map((note) => Number(note.split("\n")[1]))).toEqual((await readdir(directory)).sort().map((name) => Number(name.slice(0, 16))));
  expect(await standing("partner")).toMatchObject({ failures: 0, lastProblem: null });
});

it("is not handed the same twice by two replicas at once", async () => {
  await test.app.registry.createModel(engineer, { name: "one", intendedUse: "Stands for any act in a test.", riskTier: "low" });
  await (await test.app.trail()).signNow();
  await Promise.all(Array.from({ length: 8 }, () => test.app.witnessDesk.handDue()));
  expect(receiver.notes).toHaveLength(1);
});

it("finds a log that was rolled back, which its own check calls in order", async () => {
  await actAndHand("one");
  await actAndHand("two");
  const size = (await test.app.audit.witnesses(auditor)).signedSize;
  // As after a restore from before those entries, on a machine without the file that remembers the last signature.
  receiver.notes.push(await signedAt(size + 5, Buffer.alloc(32, 1)));
  const checked = await test.app.audit.verify(auditor);
  expect(checked.intact).toBe(false);
  expect(checked.problems).toEqual([{ seq: null, message: expect.stringMatching(/^The witness partner does not agree\. It holds a checkpoint of \d+ entries; the trail has only \d+ entries\. The log was rolled back\.$/) as unknown }]);
  expect(checked.witnesses.map(({ name, verdict }) => [name, verdict])).toEqual([["vault", "agrees"], ["partner", "rolled_back"]]);
  const { checks, ready } = await test.app.readiness();
  expect(checks.find(({ name }) => name === "AUDIT_WITNESS_DISAGREES")?.message).toContain("The witness partner");
  expect(ready).toBe(true);
});

/** A checkpoint by this log's own key that is not of this trail: what was signed before the log was rewritten with its key. */
async function signedAt(size: number, root: Uint8Array): Promise<string> {
  const trail = await test.app.trail();
  return trail.signStatement(formatCheckpoint({ origin: trail.origin, size, root }));
}

it("finds a log that was rewritten together with its key", async () => {
  await actAndHand("one");
  await actAndHand("two");
  const held = (await readdir(directory)).sort()[0] ?? "";
  const file = path.join(directory, held);
  await chmod(file, 0o644);
  await writeFile(file, await signedAt(Number(held.slice(0, 16)), Buffer.alloc(32, 7)));
  const answers = await test.app.witnessDesk.askAll();
  expect(answers.map(({ name, verdict }) => [name, verdict])).toEqual([["vault", "forked"], ["partner", "agrees"]]);
  expect(answers[0]?.message).toContain("has another root");
});

it("tells apart a stranger's writing, an empty place, one that cannot be asked and one that is away", async () => {
  await actAndHand("one");
  const trail = await test.app.trail();
  await writeFile(path.join(directory, `${"9".padStart(16, "0")}-${"a".repeat(16)}.checkpoint`), signNote(formatCheckpoint({ origin: trail.origin, size: 2, root: Buffer.alloc(32, 3) }), [sampleKey(trail.origin, 9)]));
  receiver.isMute = true;
  expect(await verdicts()).toEqual({ vault: "strange", partner: "cannot_answer" });
  await rm(directory, { recursive: true });
  receiver.isMute = false;
  receiver.notes.length = 0;
  expect(await verdicts()).toEqual({ vault: "unreachable", partner: "holds_nothing" });
});

it("refuses a setting that names no place, with what is wrong", async () => {
  for (const [setting, why] of [["vault", "not name=place"], ["a=ftp://x/", "not file:, https: or s3:"], ["a=file:/x a=file:/y", "named twice"], ["a=s3://bucket/p?lock=3", "known are lockDays"]] as const) {
    await expect(testApp({ variables: { SLIPWAY_AUDIT_WITNESSES: setting } })).rejects.toThrow(why);
  }
});
