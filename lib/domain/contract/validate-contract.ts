import type { ModelSignature, TensorSignature } from "#lib/domain/artifact/types.ts";
import type { Problem } from "#lib/domain/problem.ts";
import {
  columnCount,
  fieldTypeOf,
  integerBounds,
  isFloat,
  isInteger,
  isNumeric,
} from "./contract-slots.ts";
import type { ContractField, InputContract } from "./types.ts";

const MAX_PROBLEMS = 100;

/**
 * Whether a contract fits a signature and makes sense in itself: every value of every input has exactly one field, and each field's rules can be kept.
 * Answers at most 100 problems, with pointers such as `/fields/5/range/max`; none means that `compileContract` takes it.
 */
export function validateContract(
  contract: InputContract,
  signature: ModelSignature,
): readonly Problem[] {
  const problems: Problem[] = [];
  const inputs = new Map(signature.inputs.map((tensor) => [tensor.name, tensor]));
  const names = new Map<string, number>();
  const places = new Map<string, number>();
  contract.fields.forEach((field, index) => {
    const at = `/fields/${index}`;
    const tensor = inputs.get(field.input);
    problems.push(...repeated(names, field.field, index, `${at}/field`, `The name ${field.field}`));
    const place = JSON.stringify([field.input, field.column]);
    problems.push(...repeated(places, place, index, `${at}/column`, "This place"));
    if (tensor === undefined) {
      problems.push({ pointer: `${at}/input`, message: `The model has no input ${field.input}.` });
    } else {
      problems.push(...placeProblems(field, tensor, at));
    }
    problems.push(...ruleProblems(field, at));
  });
  for (const tensor of signature.inputs) problems.push(...coverageProblems(contract, tensor));
  return problems.slice(0, MAX_PROBLEMS);
}

function repeated(
  seen: Map<string, number>,
  key: string,
  index: number,
  pointer: string,
  what: string,
): Problem[] {
  const first = seen.get(key);
  if (first === undefined) {
    seen.set(key, index);
    return [];
  }
  return [{ pointer, message: `${what} is already taken by field ${first + 1}.` }];
}

function placeProblems(field: ContractField, tensor: TensorSignature, at: string): Problem[] {
  const problems: Problem[] = [];
  const type = fieldTypeOf(tensor.datatype);
  if (field.type !== type) {
    problems.push({
      pointer: `${at}/type`,
      message: `The input ${tensor.name} is ${type} in the model, not ${field.type}.`,
    });
  }
  const columns = columnCount(tensor);
  if (field.column !== null && (columns === null || field.column >= columns)) {
    problems.push({
      pointer: `${at}/column`,
      message:
        columns === null
          ? `The input ${tensor.name} has no fixed number of columns.`
          : `The input ${tensor.name} has columns 0 to ${columns - 1}.`,
    });
  }
  return problems;
}

function coverageProblems(contract: InputContract, tensor: TensorSignature): Problem[] {
  const own = contract.fields.filter((field) => field.input === tensor.name);
  const whole = own.some((field) => field.column === null);
  if (own.length === 0) {
    return [{ pointer: "/fields", message: `The input ${tensor.name} has no field.` }];
  }
  if (whole) {
    return own.length === 1
      ? []
      : [
          {
            pointer: "/fields",
            message: `The input ${tensor.name} has a field for the whole and fields for columns; keep one kind.`,
          },
        ];
  }
  const columns = columnCount(tensor) ?? 0;
  const covered = new Set(own.map((field) => field.column));
  const missing =
    columns - [...covered].filter((column) => column !== null && column < columns).length;
  return missing > 0
    ? [
        {
          pointer: "/fields",
          message: `${missing} of the ${columns} columns of ${tensor.name} ${missing === 1 ? "has" : "have"} no field.`,
        },
      ]
    : [];
}

function ruleProblems(field: ContractField, at: string): Problem[] {
  return [
    ...nullProblems(field, at),
    ...rangeProblems(field, at),
    ...domainProblems(field, at),
    ...imputeProblems(field, at),
  ];
}

function nullProblems(field: ContractField, at: string): Problem[] {
  const cannotCarry = !isFloat(field.type) && field.type !== "string";
  return cannotCarry && (field.nulls === "allow" || field.nulls === "flag")
    ? [
        {
          pointer: `${at}/nulls`,
          message: `A ${field.type} tensor cannot carry a null; choose reject or impute.`,
        },
      ]
    : [];
}

function rangeProblems(field: ContractField, at: string): Problem[] {
  const { range } = field;
  if (range === null) return [];
  if (!isNumeric(field.type)) {
    return [
      { pointer: `${at}/range`, message: `A ${field.type} field has no range; give a domain.` },
    ];
  }
  const problems: Problem[] = [];
  if (field.domain !== null) {
    problems.push({ pointer: `${at}/range`, message: "Give a range or a domain, not both." });
  }
  if (range.min === null && range.max === null) {
    problems.push({ pointer: `${at}/range`, message: "Give at least one end, or no range." });
  }
  for (const [end, value] of [
    ["min", range.min],
    ["max", range.max],
  ] as const) {
    if (value !== null && !isValue(field, value)) {
      problems.push({
        pointer: `${at}/range/${end}`,
        message: `${value} is not a ${field.type} value.`,
      });
    }
  }
  if (range.min !== null && range.max !== null && range.min > range.max) {
    problems.push({
      pointer: `${at}/range/max`,
      message: `${range.max} is below the least value, ${range.min}.`,
    });
  }
  return problems;
}

function domainProblems(field: ContractField, at: string): Problem[] {
  const { domain } = field;
  if (domain === null) return [];
  if (field.type === "bool") {
    return [{ pointer: `${at}/domain`, message: "A bool field has no domain." }];
  }
  if (domain.length === 0) {
    return [
      {
        pointer: `${at}/domain`,
        message: "An empty domain refuses everything; give values, or no domain.",
      },
    ];
  }
  const wrong = domain.findIndex((value) => !isValue(field, value));
  if (wrong >= 0) {
    return [
      {
        pointer: `${at}/domain/${wrong}`,
        message: `${JSON.stringify(domain[wrong])} is not a ${field.type} value.`,
      },
    ];
  }
  const firstOf = new Map<string | number, number>();
  for (const [index, value] of domain.entries()) {
    if (firstOf.has(value)) {
      return [
        {
          pointer: `${at}/domain/${index}`,
          message: `${JSON.stringify(value)} is in the domain twice.`,
        },
      ];
    }
    firstOf.set(value, index);
  }
  return [];
}

function imputeProblems(field: ContractField, at: string): Problem[] {
  const pointer = `${at}/imputeValue`;
  if (field.action === "impute" && field.range === null && field.domain === null) {
    return [
      { pointer: `${at}/action`, message: "Impute needs a range or a domain to be outside of." },
    ];
  }
  if (field.nulls !== "impute" && field.action !== "impute") return [];
  if (field.imputeValue === null) {
    return [{ pointer, message: "Say which value replaces the one that came." }];
  }
  if (!isValue(field, field.imputeValue)) {
    return [
      { pointer, message: `${JSON.stringify(field.imputeValue)} is not a ${field.type} value.` },
    ];
  }
  return isInside(field, field.imputeValue)
    ? []
    : [
        {
          pointer,
          message: `${JSON.stringify(field.imputeValue)} is itself outside what the field allows.`,
        },
      ];
}

/** Whether a JSON value can stand in a tensor of the field's type; 64-bit integers up to 2^53, beyond which JSON numbers are not exact. */
function isValue(field: ContractField, value: unknown): boolean {
  if (field.type === "string") return typeof value === "string" && value !== "";
  if (field.type === "bool") return typeof value === "boolean";
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  if (!isInteger(field.type)) return true;
  const [least, greatest] = integerBounds(field.type);
  return Number.isInteger(value) && value >= least && value <= greatest;
}

function isInside(field: ContractField, value: number | string | boolean): boolean {
  if (field.domain !== null) return field.domain.some((allowed) => allowed === value);
  if (field.range === null || typeof value !== "number") return true;
  const { min, max } = field.range;
  return (min === null || value >= min) && (max === null || value <= max);
}
