import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

/** No container engine is needed: files are read as what they are. What builds them and runs them is the reader's own. */

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;
const CHART = "deploy/helm/slipway";
const read = (file: string): string => readFileSync(file, "utf8");

/** Instructions of a Dockerfile, lines with a backslash joined. */
const instructions = (file: string): readonly { readonly name: string; readonly rest: string }[] =>
  read(file).replaceAll(/\\\n\s*/g, " ").split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#")).map((line) => {
    const [name = "", ...rest] = line.trim().split(" ");
    return { name, rest: rest.join(" ") };
  });

describe.each(["deploy/control-plane.Dockerfile", "deploy/runtime.Dockerfile"])("%s", (file) => {
  const all = instructions(file);
  const last = all.slice(all.findLastIndex(({ name }) => name === "FROM"));

  test("names every base by a version, and ends in one without shell or package manager", () => {
    const bases = all.filter(({ name }) => name === "FROM").map(({ rest }) => rest.split(" ")[0] ?? "");
    for (const base of bases) expect(base).toMatch(/^[^:]+:(?!latest$)[\w.-]+$/);
    expect(bases.at(-1)).toContain("distroless");
    expect(last.some(({ name }) => name === "RUN" || name === "ADD")).toBe(false);
  });

  test("runs as nobody, from files that root owns, and says whether it is alive", () => {
    expect(last.find(({ name }) => name === "USER")?.rest).toBe("65532:65532");
    for (const { rest } of last.filter(({ name }) => name === "COPY")) expect(rest).toContain("--chown=0:0");
    expect(last.find(({ name }) => name === "HEALTHCHECK")?.rest).toContain("/nodejs/bin/node");
  });

  test("copies what there is, and starts a program that is there", () => {
    const [program = ""] = JSON.parse(last.find(({ name }) => name === "CMD")?.rest ?? "[]") as string[];
    expect(existsSync(program)).toBe(true);
    const made = new Set([".next", "node_modules"]);
    for (const { rest } of last.filter(({ name }) => name === "COPY")) {
      for (const source of rest.split(" ").filter((word) => !word.startsWith("--")).slice(0, -1)) {
        const local = source.replace(/^\/build\//, "");
        if (!made.has(local)) expect([local, existsSync(local)]).toEqual([local, true]);
      }
    }
  });
});

test("the runtime's image keeps every package that the runtime imports", () => {
  const removed = [...read("deploy/runtime.Dockerfile").matchAll(/node_modules\/((?:@[\w-]+\/)?[\w@.-]+)/g)].map(([, name = ""]) => name);
  const files = globSync("{runtime,lib/domain,lib/contracts}/**/*.ts").filter((file) => !/\.(test|fixture)\.ts$/.test(file) && !file.includes("/testing/"));
  const imported = new Set(files.flatMap((file) => [...read(file).matchAll(/from "([^".#][^"]*)"/g)].map(([, name = ""]) => name)).filter((name) => !name.startsWith("node:")).map((name) => (name.startsWith("@") ? name.split("/").slice(0, 2).join("/") : (name.split("/")[0] ?? ""))));
  expect([...imported].filter((name) => removed.some((gone) => gone === name || name.startsWith(`${gone}/`)))).toEqual([]);
  expect(imported.size).toBeGreaterThan(2);
});

test("compose: every service of ours is read-only, without rights, as nobody, and takes its secrets from outside", () => {
  const compose: Loose = parse(read("deploy/compose.yaml"), { merge: true });
  for (const name of ["migrate", "bootstrap", "control-plane", "runtime"]) {
    const service = compose.services[name];
    expect([name, service.user, service.read_only, service.cap_drop, service.security_opt]).toEqual([name, "65532:65532", true, ["ALL"], ["no-new-privileges:true"]]);
    expect(service.image).not.toMatch(/latest|^[^:]+$/);
  }
  expect(compose.services.runtime.environment).not.toHaveProperty("DATABASE_URL");
  expect(compose.services["control-plane"].environment).not.toHaveProperty("SLIPWAY_DATABASE_OWNER_URL");
  for (const port of [...compose.services["control-plane"].ports, ...compose.services.runtime.ports]) expect(port).toMatch(/^127\.0\.0\.1:/);
  const asked = [...read("deploy/compose.yaml").matchAll(/\$\{(\w+):\?\}/g)].map(([, name]) => name);
  for (const name of asked) expect(read("deploy/compose.env.example")).toContain(`${name}=`);
});

describe("the Helm chart", () => {
  const validate = new Ajv({ allErrors: true }).compile(JSON.parse(read(`${CHART}/values.schema.json`)) as object);
  const values = (): Loose => parse(read(`${CHART}/values.yaml`));

  test("takes its own values, and refuses what would not work", () => {
    expect([validate(values()), validate.errors]).toEqual([true, null]);
    const wrong: readonly ((all: Loose) => void)[] = [
      (all) => (all.controlPlane.image.tag = "latest"),
      (all) => (all.publicUrl = "slipway.example.com"),
      (all) => (all.controlPlane.replicas = 0),
      (all) => (all.unknown = true),
      (all) => delete all.secrets.audit,
      (all) => (all.runtime.resources.limits = {}),
      (all) => (all.networkPolicy.databaseCidr = "everywhere"),
    ];
    for (const spoil of wrong) {
      const spoilt = values();
      spoil(spoilt);
      expect(validate(spoilt)).toBe(false);
    }
  });

  test("names in its templates only values that there are", () => {
    const known = values();
    for (const file of readdirSync(`${CHART}/templates`)) {
      for (const [, dotted = ""] of read(path.join(CHART, "templates", file)).matchAll(/\.Values\.([A-Za-z.]+)/g)) {
        const found = dotted.split(".").reduce<Loose>((at, name) => (typeof at === "object" && at !== null && name in at ? at[name] : undefined), known);
        expect([file, dotted, found !== undefined]).toEqual([file, dotted, true]);
      }
    }
  });

  const helm = process.env["SLIPWAY_HELM"] ?? "helm";
  const hasHelm = spawnSync(helm, ["version"]).status === 0;

  test.skipIf(!hasHelm)("renders pods that keep to the restricted Pod Security Standard (skipped without helm: go install helm.sh/helm/v3/cmd/helm@v3.18.6, SLIPWAY_HELM=/path/to/helm)", () => {
    const { stdout, stderr, status } = spawnSync(helm, ["template", "slip", CHART, "--kube-version", "1.30.0"], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    const objects: readonly Loose[] = parseAllDocuments(stdout).map((document) => document.toJS() as Loose).filter((one) => one !== null);
    const pods = objects.filter(({ spec }) => spec?.template?.spec !== undefined);
    expect(pods.map(({ kind }) => kind).sort()).toEqual(["Deployment", "Job", "StatefulSet"]);
    for (const { kind, spec } of pods) {
      const pod = spec.template.spec;
      expect([kind, pod.automountServiceAccountToken, pod.securityContext.runAsNonRoot, pod.securityContext.seccompProfile.type, pod.hostNetwork ?? false]).toEqual([kind, false, true, "RuntimeDefault", false]);
      for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
        expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
        expect(container.image).not.toMatch(/latest/);
        expect(Object.keys(container.resources.limits).sort()).toEqual(["cpu", "memory"]);
      }
      for (const volume of pod.volumes) expect(volume).not.toHaveProperty("hostPath");
    }
    // Each part finds the other by the names that are rendered.
    const services = objects.filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata.name);
    expect(services.sort()).toEqual(["slip-control-plane", "slip-runtime", "slip-runtime-pods"]);
    const policies = objects.filter(({ kind }) => kind === "NetworkPolicy");
    expect(policies.every(({ spec }) => spec.policyTypes.includes("Egress"))).toBe(true);
    const owner = stdout.split("\n---").filter((text) => text.includes("SLIPWAY_DATABASE_OWNER_URL"));
    expect(owner.every((text) => text.includes("kind: Job"))).toBe(true);
  });
});
