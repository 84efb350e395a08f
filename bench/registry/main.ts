/**
 * `npm run bench:registry [-- --bytes N --versions N]`: how long a large model takes to be registered, and how long lists take when there are many.
 * What the figures mean is in docs/performance.md.
 */
import { parseArgs } from "node:util";
import { startProduct } from "../product.ts";
import { benchLists } from "./list-bench.ts";
import { benchRegister } from "./register-bench.ts";

const { values } = parseArgs({ options: { bytes: { type: "string", default: String(1024 ** 3) }, versions: { type: "string", default: "10000" }, rounds: { type: "string", default: "3" }, only: { type: "string", default: "register,lists" } } });

if (values.only.includes("register")) {
  const register = await benchRegister(Number(values.bytes), Number(values.rounds));
  console.log(`Registering an ONNX file of ${(register.fileBytes / 1024 ** 2).toFixed(0)} MiB: ${register.registerSeconds.toFixed(2)} s; sha256sum and cp of it: ${register.plainSeconds.toFixed(2)} s.`);
  console.log(`Ratio ${register.ratio.toFixed(2)} (at most 1.5). Memory beyond the start: ${(register.extraMemoryBytes / 1024 ** 2).toFixed(0)} MiB (at most 64).`);
}
if (values.only.includes("lists")) {
  const product = await startProduct();
  try {
    const lists = await benchLists(product, Number(values.versions));
    console.log(`Lists and searches over ${lists.versions} versions, whole answers (at most 150 ms):`);
    for (const { path, msP50, msP95 } of lists.requests) console.log(`${path.padEnd(36)} p50 ${msP50.toFixed(0)} ms  p95 ${msP95.toFixed(0)} ms`);
  } finally {
    await product.stop();
  }
}
