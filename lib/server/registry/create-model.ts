import { createModelBody } from "#lib/contracts/registry-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";

const createModelIn = (demo: boolean) => command({
  name: "create-model",
  permission: "model:create",
  input: createModelBody,
  async run({ tx, actor, input }) {
    if (actor.userId === null) throw new AppError("forbidden", "A model needs a person as its creator.");
    if (await tx.models.findModel(input.name)) {
      throw new AppError("already_exists", `There is already a model named ${input.name}.`, {
        hint: "Register a version of it, or choose another name.",
        errors: [{ pointer: "/name", message: "This name is taken." }],
      });
    }
    const ownerId = input.owner === undefined ? actor.userId : await tx.people.userIdByEmail(input.owner);
    if (ownerId === null) {
      throw new AppError("invalid_input", `Nobody here has the address ${input.owner}.`, {
        errors: [{ pointer: "/owner", message: "No such person." }],
      });
    }
    const id = newId();
    const { name, intendedUse, riskTier, sector, jurisdictions } = input;
    await tx.models.insertModel({
      id,
      name,
      intendedUse,
      riskTier,
      sector,
      jurisdictions,
      ownerId,
      createdById: actor.userId,
      demo,
    });
    return {
      result: { id, name },
      audit: {
        action: "model.created",
        targets: [{ type: "model", id, name, digest: null }],
        after: { intendedUse, riskTier, sector, jurisdictions, ownerId },
      },
    };
  },
});

/** A new model: a name, a purpose, an owner and a risk tier. Names are never reused. */
export const createModel = createModelIn(false);

/** The same, marked as part of the demonstration. */
export const createDemoModel = createModelIn(true);
