import { operatorDomain, operatorKey, type OnnxDraft } from "./onnx-draft.ts";
import { readName, readTextStart } from "./protobuf-payload.ts";
import {
  enter,
  expectWire,
  fillWindow,
  leave,
  malformed,
  needsBytes,
  overLimit,
  readField,
  refuseRepeated,
  skipField,
  skipUnknownField,
  wireType,
  type Reading,
  type Walk,
} from "./protobuf-reader.ts";
import { readAttribute, readGraph, readNode } from "./read-onnx-graph.ts";

/** Longest metadata value that is kept whole: thousands of feature names fit. */
const MAX_METADATA_BYTES = 1024 * 1024;
const MAX_SHOWN_TEXT = 4096;
export const FEATURES_KEY = "slipway.features";

const modelField = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  domain: 4,
  modelVersion: 5,
  docString: 6,
  graph: 7,
  opsetImport: 8,
  metadata: 14,
  trainingInfo: 20,
  functions: 25,
  configuration: 26,
} as const;

/** Reads a whole ModelProto into the draft. */
export function* readModel(walk: Walk, draft: OnnxDraft): Reading<void> {
  const end = walk.size;
  let seen = 0;
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    switch (walk.field) {
      case modelField.irVersion:
        expectWire(walk, wireType.varint, "ir_version");
        draft.irVersion = smallInteger(walk, "ir_version");
        break;
      case modelField.modelVersion:
        expectWire(walk, wireType.varint, "model_version");
        draft.modelVersion = signedText(walk);
        break;
      case modelField.graph:
        seen = refuseRepeated(walk, seen, "graph");
        draft.hasGraph = true;
        yield* readGraph(walk, draft, "main", "graph");
        break;
      case modelField.opsetImport:
        yield* readOpset(walk, draft);
        break;
      case modelField.metadata:
        yield* readMetadata(walk, draft);
        break;
      case modelField.trainingInfo:
        draft.hasTrainingInfo = true;
        yield* readTrainingInfo(walk, draft);
        break;
      case modelField.functions:
        yield* readFunction(walk, draft);
        break;
      case modelField.configuration:
        skipField(walk);
        break;
      default:
        yield* readModelText(walk, draft);
    }
  }
}

function* readModelText(walk: Walk, draft: OnnxDraft): Reading<void> {
  switch (walk.field) {
    case modelField.producerName:
      draft.producerName = yield* readTextStart(walk, "producer_name", MAX_SHOWN_TEXT);
      return;
    case modelField.producerVersion:
      draft.producerVersion = yield* readTextStart(walk, "producer_version", MAX_SHOWN_TEXT);
      return;
    case modelField.domain:
      draft.domain = yield* readTextStart(walk, "domain", MAX_SHOWN_TEXT);
      return;
    case modelField.docString:
      draft.docString = yield* readTextStart(walk, "doc_string", MAX_SHOWN_TEXT);
      return;
    default:
      skipUnknownField(walk);
  }
}

function smallInteger(walk: Walk, name: string): number {
  if (walk.value > Number.MAX_SAFE_INTEGER)
    throw malformed(walk, `${name} is negative or beyond 2^53`);
  return walk.value;
}

function signedText(walk: Walk): string {
  const bits = (BigInt(walk.high) << 32n) | BigInt(walk.low);
  return BigInt.asIntN(64, bits).toString();
}

function* readOpset(walk: Walk, draft: OnnxDraft): Reading<void> {
  const end = enter(walk, "opset_import");
  let domain = "";
  let version = 0;
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    if (walk.field === 1) domain = yield* readName(walk, "opset domain");
    else if (walk.field === 2) {
      expectWire(walk, wireType.varint, "opset version");
      version = smallInteger(walk, "opset version");
    } else skipUnknownField(walk);
  }
  domain = operatorDomain(domain);
  noteOpset(walk, draft, domain, version);
  leave(walk, end);
}

/** Converters write the same import twice now and then; two versions of one domain are another matter: parsers disagree on which counts. */
function noteOpset(walk: Walk, draft: OnnxDraft, domain: string, version: number): void {
  const known = draft.opsets.find((opset) => opset.domain === domain);
  if (known !== undefined) {
    if (known.version === version) return;
    throw malformed(walk, `opset_import names ${domain} as ${known.version} and as ${version}`);
  }
  if (draft.opsets.length >= draft.limits.maxEntries) {
    throw overLimit(walk, `more than ${draft.limits.maxEntries} opset imports`);
  }
  draft.opsets.push({ domain, version });
}

function* readMetadata(walk: Walk, draft: OnnxDraft): Reading<void> {
  const end = enter(walk, "metadata_props");
  let key = "";
  let value = "";
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    if (walk.field === 1) key = yield* readTextStart(walk, "metadata key", 512);
    else if (walk.field === 2)
      value = yield* readTextStart(walk, "metadata value", MAX_METADATA_BYTES);
    else skipUnknownField(walk);
  }
  if (draft.metadata.length >= draft.limits.maxEntries) {
    throw overLimit(walk, `more than ${draft.limits.maxEntries} metadata entries`);
  }
  if (key === FEATURES_KEY) draft.featuresText = value;
  draft.metadata.push({ key, value: value.slice(0, MAX_SHOWN_TEXT).toWellFormed() });
  leave(walk, end);
}

/** TrainingInfoProto: two graphs that are never served, walked for external data only. */
function* readTrainingInfo(walk: Walk, draft: OnnxDraft): Reading<void> {
  const end = enter(walk, "training_info");
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    if (walk.field === 1) yield* readGraph(walk, draft, "training", "initialization");
    else if (walk.field === 2) yield* readGraph(walk, draft, "training", "algorithm");
    else if (walk.field === 3 || walk.field === 4) skipField(walk);
    else skipUnknownField(walk);
  }
  leave(walk, end);
}

const functionField = {
  name: 1,
  input: 4,
  output: 5,
  attribute: 6,
  node: 7,
  docString: 8,
  opsetImport: 9,
  domain: 10,
  attributeProto: 11,
  valueInfo: 12,
  overload: 13,
  metadata: 14,
} as const;

/** FunctionProto: an operator that the file defines out of others. */
function* readFunction(walk: Walk, draft: OnnxDraft): Reading<void> {
  const end = enter(walk, "function");
  let name = "";
  let domain = "";
  while (walk.at < end) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    readField(walk, end);
    switch (walk.field) {
      case functionField.name:
        name = yield* readName(walk, "function name");
        break;
      case functionField.domain:
        domain = yield* readName(walk, "function domain");
        break;
      case functionField.node:
        yield* readNode(walk, draft, "function");
        break;
      case functionField.attributeProto:
        yield* readAttribute(walk, draft, "function");
        break;
      case functionField.input:
      case functionField.output:
      case functionField.attribute:
      case functionField.docString:
      case functionField.opsetImport:
      case functionField.valueInfo:
      case functionField.overload:
      case functionField.metadata:
        skipField(walk);
        break;
      default:
        skipUnknownField(walk);
    }
  }
  draft.functions.add(operatorKey(domain, name));
  if (draft.functions.size > draft.limits.maxOperatorKinds) {
    throw overLimit(walk, `more than ${draft.limits.maxOperatorKinds} functions`);
  }
  leave(walk, end);
}
