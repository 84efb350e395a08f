/**
 * The direction of the house, as errors. `lib/layers.test.ts` feeds each rule a wrong fixture and expects it to fire.
 * domain <- contracts <- server <- api <- app;  contracts <- client <- components <- app;  contracts <- runtime;  contracts <- cli
 */
const HOUSE = "^(app|components|lib|prisma|runtime|cli|scripts|bench|e2e)/";
const only = (name, from, allowed) => ({
  name,
  severity: "error",
  from: { path: from, pathNot: "[.](test|fixture)[.]tsx?$" },
  to: { path: HOUSE, pathNot: allowed },
});

export default {
  forbidden: [
    only("domain-is-pure", "^lib/domain/", ["^lib/domain/"]),
    {
      name: "domain-has-no-packages",
      severity: "error",
      from: { path: "^lib/domain/", pathNot: "[.](test|fixture)[.]ts$" },
      to: { dependencyTypes: ["npm", "npm-dev", "core"] },
    },
    only("contracts", "^lib/contracts/", ["^lib/(contracts|domain)/"]),
    only("server", "^lib/server/", ["^lib/(server|contracts|domain)/"]),
    only("api", "^lib/api/", ["^lib/(api|contracts|domain)/", "^lib/server/(composition|ports)[.]ts$"]),
    {
      // Next bundles pages and routes one by one; docs/decisions/0005-pages-do-not-carry-the-server.md.
      name: "pages-do-not-carry-the-server",
      severity: "error",
      from: { path: "^(app|lib/api)/", pathNot: "[.](test|fixture)[.]tsx?$" },
      to: { path: "^lib/server/", dependencyTypesNot: ["type-only"] },
    },
    only("client", "^lib/client/", ["^lib/(client|contracts|domain)/"]),
    only("ui-primitives", "^components/ui/", ["^components/ui/"]),
    only("features-stay-apart", "^components/(?!ui/|shell/|charts/)([^/]+)/", [
      "^components/(ui|charts|shell|$1)/",
      "^lib/(client|contracts|domain)/",
    ]),
    only("runtime-stands-alone", "^runtime/", ["^runtime/", "^lib/(contracts|domain)/"]),
    // Reading a model file needs no server: `slipway inspect` works offline.
    only("cli-speaks-api", "^cli/", ["^cli/", "^lib/(contracts|domain)/", "^lib/server/artifacts/read-artifact-file[.]ts$"]),
    only("e2e-is-outside", "^e2e/", ["^e2e/", "^lib/contracts/", "^examples/"]),
    {
      name: "prisma-behind-repositories",
      severity: "error",
      from: { pathNot: "^(lib/server/db|prisma|scripts)/" },
      to: { path: "^lib/server/db/generated/|node_modules/@prisma/" },
    },
    {
      name: "no-framework-in-core",
      severity: "error",
      from: { path: "^(lib/(domain|contracts|server)|runtime|cli)/" },
      to: { path: "node_modules/(next|react|react-dom)/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules", "lib/server/db/generated"] },
    exclude: { path: ["lib/layers[.]fixture", "[.]next"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "default", "types"] },
  },
};
