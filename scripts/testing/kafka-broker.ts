/**
 * A real Apache Kafka broker for tests: KRaft, one process, on a port of its own. The jars come by Maven, once, into the user's cache directory, and are used
 * only as they were when this was written. Needs Java 17 or newer.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "../free-port.ts";

const VERSION = "4.1.1";
/** Digest over the names and SHA-256 digests of all jars, sorted by name. */
const JARS_DIGEST = "1b99f073a43e87b2736a310489b83812e46b68a9b65835edd475056461ae1646";
const FETCH_TIMEOUT_MS = 300_000;
const START_TIMEOUT_MS = 60_000;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>slipway</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** A broker under test. */
export type KafkaBroker = {
  /** `host:port`, the same over restarts. */
  readonly address: string;
  /** SIGKILL, and wait. */
  kill9(): Promise<void>;
  /** Starts again on what is on disk. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};

const cacheDirectory = (): string => path.join(process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache"), "slipway", `kafka-${VERSION}`);

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Over the names and contents of all files in a directory. */
async function jarsDigest(directory: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of readdirSync(directory).sort()) hash.update(`${name} ${await digestOf(path.join(directory, name))}\n`);
  return hash.digest("hex");
}

/** Directory of the jars, brought by Maven where they are not there yet. Throws a sentence that says what is lacking. */
async function findJars(): Promise<string> {
  if (spawnSync("java", ["-version"], { stdio: "ignore" }).status !== 0) throw new Error("Java is not installed.");
  const directory = cacheDirectory();
  const jars = path.join(directory, "jars");
  if (!existsSync(jars)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, "pom.xml"), POM);
    // -C: a jar whose checksum differs is refused.
    const args = ["-q", "-B", "-C", "dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${jars}.part`];
    const brought = spawnSync("mvn", args, { cwd: directory, stdio: "ignore", timeout: FETCH_TIMEOUT_MS });
    if (brought.status !== 0) throw new Error("The jars of Apache Kafka cannot be brought by Maven.");
    await rename(`${jars}.part`, jars);
  }
  if ((await jarsDigest(jars)) !== JARS_DIGEST) {
    rmSync(jars, { recursive: true, force: true });
    throw new Error(`The jars of Apache Kafka ${VERSION} are not the ones known here; they were removed.`);
  }
  return jars;
}

const properties = (port: number, controllerPort: number, data: string): string =>
  [
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    "controller.listener.names=CONTROLLER",
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    `log.dirs=${data}`,
    "auto.create.topics.enable=false",
    "offsets.topic.replication.factor=1",
    "offsets.topic.num.partitions=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "transaction.state.log.num.partitions=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    // A group of one does not wait for others to come.
    "group.initial.rebalance.delay.ms=0",
    "num.network.threads=2",
    "num.io.threads=2",
    "log.cleaner.enable=false",
  ].join("\n");

function untilStarted(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`Kafka did not start: ${text.slice(-2000)}`)), START_TIMEOUT_MS);
    const look = (part: Buffer): void => {
      text = (text + part.toString("utf8")).slice(-20_000);
      if (!/Kafka Server started/.test(text)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`Kafka ended with code ${code}: ${text.slice(-2000)}`));
    });
  });
}

/** Starts a broker with its data in a directory of its own. Throws a sentence that says what is lacking. */
export async function startKafkaBroker(): Promise<KafkaBroker> {
  const jars = await findJars();
  const directory = await mkdtemp(path.join(tmpdir(), "slipway-kafka-"));
  const port = await freePort();
  const settings = path.join(directory, "server.properties");
  writeFileSync(settings, properties(port, await freePort(), path.join(directory, "data")));
  const java = (main: string, ...args: string[]): string[] => [
    "-Xmx384m", "-XX:TieredStopAtLevel=1", "-cp", path.join(jars, "*"), main, ...args,
  ];
  const clusterId = randomBytes(16).toString("base64url");
  const formatted = spawnSync("java", java("kafka.tools.StorageTool", "format", "-t", clusterId, "-c", settings), { encoding: "utf8", timeout: START_TIMEOUT_MS });
  if (formatted.status !== 0) throw new Error(`Kafka's storage cannot be prepared: ${formatted.stderr.slice(-2000)}${formatted.stdout.slice(-2000)}`);

  let child: ChildProcess;
  let ended: Promise<unknown>;
  const start = async (): Promise<void> => {
    child = spawn("java", java("kafka.Kafka", settings), { stdio: ["ignore", "pipe", "pipe"] });
    ended = new Promise((resolve) => child.once("close", resolve));
    await untilStarted(child);
  };
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    address: `127.0.0.1:${port}`,
    kill9: end,
    restart: start,
    async stop() {
      await end();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The broker that `SLIPWAY_KAFKA_BROKERS` names cannot be killed; one of our own can. A sentence where there is neither. */
export async function kafkaForTests(): Promise<KafkaBroker | string> {
  try {
    return await startKafkaBroker();
  } catch (error) {
    return `Skipped: no Kafka broker. ${error instanceof Error ? error.message : String(error)}`;
  }
}
