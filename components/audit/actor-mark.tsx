import { actorMarks } from "#lib/client/audit-words.ts";
import type { AuditEventView } from "#lib/contracts/audit-api.ts";

/** The actor's mark and name; the word of the mark is there for those who do not see it. */
export function ActorName({ actor }: { actor: AuditEventView["actor"] }) {
  const { mark, word } = actorMarks[actor.type];
  return (
    <span>
      <span className="kind" data-kind={actor.type} aria-hidden="true" title={word}>
        {mark}
      </span>
      <span className="vh">{word} </span>
      {actor.name}
    </span>
  );
}

/** What the marks mean. */
export function ActorKey() {
  return (
    <span className="key">
      {Object.entries(actorMarks).map(([type, { mark, word }]) => (
        <span className="nowrap" key={type}>
          <span className="kind" data-kind={type} aria-hidden="true">
            {mark}
          </span>
          {word}
        </span>
      ))}
    </span>
  );
}
