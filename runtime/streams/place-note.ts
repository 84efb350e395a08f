/** What is committed beside an offset: all that must be known of a partition by whoever takes it up next, in the same transaction as the offset. */
export type PlaceNote = {
  /** The newest roll back that this partition has gone through; 0: none. */
  readonly rollbackSeq: number;
  /** The epoch of the route table that answered last, and its first record here; null before the first. */
  readonly since: { readonly epoch: number; readonly offset: number } | null;
};

export const NO_NOTE: PlaceNote = { rollbackSeq: 0, since: null };

const FORM = /^slipway rollback=(\d{1,15})(?: epoch=(\d{1,15}) from=(\d{1,15}))?$/;

export function writeNote({ rollbackSeq, since }: PlaceNote): string {
  return `slipway rollback=${rollbackSeq}${since === null ? "" : ` epoch=${since.epoch} from=${since.offset}`}`;
}

/** Reads a note; what another consumer of the group has written there counts as none. */
export function readNote(text: string | null): PlaceNote {
  const [, rollbackSeq, epoch, offset] = FORM.exec(text ?? "") ?? [];
  if (rollbackSeq === undefined) return NO_NOTE;
  return {
    rollbackSeq: Number(rollbackSeq),
    since: epoch === undefined || offset === undefined ? null : { epoch: Number(epoch), offset: Number(offset) },
  };
}
