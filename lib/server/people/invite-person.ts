import { z } from "zod";
import { invitePersonBody } from "#lib/contracts/people-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { personTarget } from "../auth/actors.ts";
import { newLinkSecret, secretHash } from "../auth/secrets.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";
import { assignRoles } from "./assign-roles.ts";

const INVITATION_HOURS = 72;

/** A new person with roles, and a link by which they choose a password. The link is in the answer only. */
export const invitePerson = command({
  name: "invite-person",
  permission: "person:invite",
  input: invitePersonBody,
  async run({ tx, actor, input, now }) {
    if (await tx.people.findPersonByEmail(input.email)) {
      throw new AppError("already_exists", "Somebody with this e-mail address is here already.", {
        errors: [{ pointer: "/email", message: "This address is taken." }],
      });
    }
    const person = { id: newId(), name: input.name };
    await tx.people.insertPerson({ ...person, email: input.email, personId: person.id, passwordHash: null, demo: false });
    const grants = await assignRoles(tx, person, input.roles, {
      userId: actor.userId,
      pointer: "/roles/{index}/environment",
    });
    const { link, draft } = await issueInvitation(tx, person, now);
    return {
      result: link,
      audit: [
        { action: "user.created", targets: [personTarget(person)], after: { name: input.name, email: input.email } },
        ...grants,
        draft,
      ],
    };
  },
});

/** Another link for somebody who is here: first password, or a forgotten one. Older links stop working. */
export const createInvitationLink = command({
  name: "create-invitation-link",
  permission: "person:invite",
  input: z.strictObject({ personId: z.uuid() }),
  async locate({ tx, input }) {
    const person = await tx.people.getPerson(input.personId);
    return { environmentId: null, targets: [personTarget(person)], person };
  },
  async run({ tx, now, located: { person } }) {
    if (person.disabledAt !== null) {
      throw new AppError("conflict", `${person.name} is disabled.`, { hint: "Enable the account first." });
    }
    await tx.links.voidLinks("invitation", person.id, now);
    const { link, draft } = await issueInvitation(tx, person, now);
    return { result: link, audit: draft };
  },
});

async function issueInvitation(tx: UnitOfWork, person: { readonly id: string; readonly name: string }, now: Date) {
  const secret = newLinkSecret();
  const expiresAt = new Date(now.getTime() + INVITATION_HOURS * 3_600_000);
  await tx.links.insertLink({ tokenHash: secretHash(secret), purpose: "invitation", userId: person.id, expiresAt });
  return {
    link: { personId: person.id, secret, expiresAt },
    draft: {
      action: "invitation.created",
      targets: [personTarget(person)],
      after: { purpose: "invitation", expiresAt: expiresAt.toISOString() },
    },
  } as const;
}
