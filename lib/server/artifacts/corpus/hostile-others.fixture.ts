import { gzipSync } from "node:zlib";
import { concat, linearModel, type Bytes } from "#lib/domain/artifact/onnx-builder.fixture.ts";
import { tar, zip } from "./archive-builder.fixture.ts";
import type { Hostile } from "./hostile-pickles.fixture.ts";
import { plainSignature, savedModel, tensorInfo } from "./savedmodel-builder.fixture.ts";

const utf8 = new TextEncoder();
const graph = savedModel();
const refused = (name: string, bytes: Bytes, gives: string): Hostile => ({ name, bytes, gives, severity: "refused" });
const blocked = (name: string, bytes: Bytes, gives: string): Hostile => ({ name, bytes, gives, severity: "block" });
const warned = (name: string, bytes: Bytes, gives: string): Hostile => ({ name, bytes, gives, severity: "warn" });
const withGraph = (...more: Parameters<typeof tar>[0]): Bytes => tar([{ name: "m/saved_model.pb", content: graph }, ...more]);

/** A document of one field, with what is under test put in. */
export const pmml = ({ before = "", version = "4.4", dictionary = "", field = "", mining = "", model = "", after = "" } = {}): Bytes =>
  utf8.encode(
    `<?xml version="1.0"?>${before}<PMML version="${version}" xmlns="http://www.dmg.org/PMML-4_4"><Header/><DataDictionary><DataField name="x" optype="continuous" dataType="double">${field}</DataField>${dictionary}</DataDictionary>` +
      `<RegressionModel functionName="regression"><MiningSchema><MiningField name="x" ${mining}/></MiningSchema>${model}<RegressionTable intercept="1"/></RegressionModel>${after}</PMML>`,
  );

const apply = (name: string): string => `<LocalTransformations><DerivedField name="d" optype="continuous" dataType="double"><Apply function="${name}"><FieldRef field="x"/></Apply></DerivedField></LocalTransformations>`;

export const hostileDocuments: readonly Hostile[] = [
  refused("DTD with an external entity", pmml({ before: '<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>', field: "&x;" }), "artifact_forbidden"),
  refused("billion laughs", pmml({ before: '<!DOCTYPE PMML [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>' }), "artifact_forbidden"),
  refused("entity without a DTD", pmml({ field: "&nothing;" }), "artifact_malformed"),
  refused("not well-formed", pmml({ field: "<Value>" }), "artifact_malformed"),
  refused("cut off", pmml().subarray(0, 300), "artifact_malformed"),
  refused("another root", utf8.encode("<other><PMML version='4.4'/></other>"), "artifact_malformed"),
  refused("no model", utf8.encode('<PMML version="4.4"><Header/><DataDictionary/></PMML>'), "artifact_malformed"),
  refused("not UTF-8", concat([pmml({ field: "" }).subarray(0, 200), Uint8Array.of(0xff, 0xfe, 0xff), pmml().subarray(200)]), "artifact_malformed"),
  refused("declared as UTF-16", utf8.encode('<?xml version="1.0" encoding="UTF-16"?><PMML version="4.4"></PMML>'), "artifact_malformed"),
  refused("nested ten thousand deep", pmml({ model: "<Node>".repeat(10_000) + "</Node>".repeat(10_000) }), "artifact_limit_exceeded"),
  refused("margin that is no number", pmml({ field: '<Interval closure="closedClosed" leftMargin="1e999"/>' }), "artifact_malformed"),
  blocked("PMML 3.2", pmml({ version: "3.2" }), "pmml_version"),
  blocked("calls a Java class", pmml({ model: apply("com.example.Runtime") }), "pmml_java_function"),
  warned("function of one server", pmml({ model: apply("x-lookup") }), "pmml_foreign_function"),
  warned("table in a database", pmml({ after: '<X><TableLocator/></X>' }), "pmml_table_elsewhere"),
  blocked("field that is not declared", pmml({ model: "" , mining: "" , dictionary: "" }).slice(), "pmml_field_unknown"),
  blocked("field declared twice", pmml({ dictionary: '<DataField name="x" optype="continuous" dataType="double"/>' }), "pmml_field_repeated"),
  blocked("outliers without bounds", pmml({ mining: 'outliers="asExtremeValues"' }), "pmml_outlier_bounds"),
  blocked("empty interval", pmml({ field: '<Interval closure="closedClosed" leftMargin="5" rightMargin="1"/>' }), "pmml_interval_empty"),
  blocked("nothing to ask", pmml({ mining: 'usageType="supplementary"' }), "pmml_no_inputs"),
  warned("two models", pmml({ after: '<TreeModel functionName="regression"><MiningSchema><MiningField name="x"/></MiningSchema><Node><True/></Node></TreeModel>' }), "pmml_more_models"),
].map((one) => (one.gives === "pmml_field_unknown" ? { ...one, bytes: utf8.encode(new TextDecoder().decode(one.bytes).replace('<MiningField name="x" ', '<MiningField name="z" ')) } : one));

export const hostileSavedModels: readonly Hostile[] = [
  blocked("PyFunc in the graph", savedModel({ operators: ["PyFunc"] }), "savedmodel_dangerous_operator"),
  blocked("ReadFile in a function", savedModel({ functions: { __inference_read_1: ["ReadFile"] } }), "savedmodel_dangerous_operator"),
  blocked("WriteFile in a second function", savedModel({ functions: { a: ["MatMul"], b: ["WriteFile"] } }), "savedmodel_dangerous_operator"),
  warned("custom operator", savedModel({ operators: ["SentencepieceOp"] }), "savedmodel_custom_operator"),
  blocked("no signature", savedModel({ signatures: {} }), "savedmodel_no_signature"),
  blocked("no tag serve", savedModel({ tags: ["train"] }), "savedmodel_no_signature"),
  blocked("type that cannot be carried", savedModel({ signatures: { serving_default: { ...plainSignature.serving_default, inputs: { x: tensorInfo("x:0", 20, [1]) } } } }), "savedmodel_type_unsupported"),
  blocked("variables that did not come", savedModel({ operators: ["VarHandleOp"] }), "savedmodel_graph_only"),
  blocked("variables that are not in the archive", tar([{ name: "m/saved_model.pb", content: savedModel({ operators: ["VarHandleOp"] }) }]), "savedmodel_variables_missing"),
  refused("graph cut off", savedModel().subarray(0, 60), "artifact_truncated"),
  blocked("path upward in a tar", withGraph({ name: "../../etc/cron.d/x" }), "archive_path"),
  blocked("absolute path in a tar", withGraph({ name: "/etc/cron.d/x" }), "archive_path"),
  blocked("drive letter in a tar", withGraph({ name: "C:/x" }), "archive_path"),
  blocked("backslash in a tar", withGraph({ name: "a\\b" }), "archive_path"),
  blocked("symlink in a tar", withGraph({ name: "variables", type: "2", link: "/etc" }), "archive_link"),
  blocked("hard link in a tar", withGraph({ name: "x", type: "1", link: "/etc/passwd" }), "archive_link"),
  blocked("device in a tar", withGraph({ name: "x", type: "3" }), "archive_device"),
  blocked("name twice in a tar", withGraph({ name: "a" }, { name: "a" }), "archive_repeated"),
  blocked("name twice but for case", withGraph({ name: "Assets/a" }, { name: "assets/A" }), "archive_repeated"),
  blocked("too deep", withGraph({ name: `${"a/".repeat(20)}x` }), "archive_name"),
  blocked("control character in a name", withGraph({ name: "a\u0007b" }), "archive_name"),
  blocked("more entries than are read", withGraph(...Array.from({ length: 10_001 }, (_, index) => ({ name: `assets/${index}` }))), "archive_count"),
  refused("a tar without a model", tar([{ name: "readme.txt", content: utf8.encode("hello") }]), "artifact_format_unsupported"),
  refused("a tar of dangers without a model", tar([{ name: "../x" }]), "artifact_forbidden"),
  refused("a tar cut off", withGraph().subarray(0, 700), "artifact_malformed"),
  refused("a tar.gz cut off", new Uint8Array(gzipSync(withGraph({ name: "x", content: crypto.getRandomValues(new Uint8Array(4000)) }))).subarray(0, 900), "artifact_malformed"),
  blocked("symlink in a zip", zip([{ name: "saved_model.pb", content: graph }, { name: "variables", content: utf8.encode("/etc"), unixMode: 0xa1ff }]), "archive_link"),
  blocked("path upward in a zip", zip([{ name: "saved_model.pb", content: graph }, { name: "../../x", content: utf8.encode("x") }]), "archive_path"),
  blocked("zip bomb", zip([{ name: "saved_model.pb", content: graph }, { name: "assets/zeros", content: new Uint8Array(4 * 1024 * 1024), deflate: true }]), "archive_ratio"),
  blocked("zip with two accounts", zip([{ name: "saved_model.pb", content: graph, localName: "saved_nodel.pb" }]), "archive_mismatch"),
  warned("zip behind something else", zip([{ name: "saved_model.pb", content: graph }], concat([zip([]), utf8.encode("and more")])), "archive_prefix"),
  refused("zip without its end", zip([{ name: "saved_model.pb", content: graph }]).subarray(0, 80), "artifact_malformed"),
  refused("deflated entry of another size", zip([{ name: "saved_model.pb", content: graph, deflate: true, declaredSize: 10, localSize: 10 }]), "artifact_malformed"),
];

/** More hostile ONNX files are in `lib/domain/artifact/hostile-onnx.test.ts`. */
export const hostileOnnx: readonly Hostile[] = [
  blocked("opset of the future", linearModel(3, { opsets: [["", 99]] }), "opset_too_new"),
  blocked("IR of the future", linearModel(3, { irVersion: 99 }), "ir_too_new"),
  refused("cut off", linearModel().subarray(0, 40), "artifact_truncated"),
  refused("empty", new Uint8Array(0), "artifact_empty"),
  refused("a program", utf8.encode("#!/bin/sh\nid\n"), "artifact_format_unsupported"),
];
