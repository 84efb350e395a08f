import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import type { S3Place } from "../../s3/s3-place.ts";
import { checkpointFileName, isCheckpointFileName, spread, type Witness } from "./witness.ts";

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 15_000;
const MAX_LISTED = 200_000;

export type LockedPlace = S3Place & {
  /** Nobody, the account's owner included, can delete or replace an object for this long; null: no lock, as the bucket has it. */
  readonly lockDays: number | null;
};

/** A bucket with object lock: what is written there cannot be taken back before its time. Credentials as the AWS SDK finds them. */
export function s3Witness(name: string, place: LockedPlace): Witness {
  const client = new S3Client({ region: place.region, ...(place.endpoint === null ? {} : { endpoint: place.endpoint, forcePathStyle: true }) });
  const { bucket: Bucket, prefix } = place;
  const abort = () => ({ abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
  const read = async (Key: string): Promise<string> => {
    const answer = await client.send(new GetObjectCommand({ Bucket, Key }), abort());
    return (await answer.Body?.transformToString("utf8")) ?? "";
  };
  return {
    name,
    kind: "s3",
    place: `s3://${Bucket}/${prefix}${place.lockDays === null ? "" : `, locked for ${String(place.lockDays)} days`}`,
    async hand(checkpoint) {
      const Key = `${prefix}${checkpointFileName(checkpoint)}`;
      const lock = place.lockDays === null ? {} : ({ ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: new Date(Date.now() + place.lockDays * DAY_MS) } as const);
      try {
        await client.send(new PutObjectCommand({ Bucket, Key, Body: checkpoint.note, ContentType: "text/plain; charset=utf-8", ChecksumAlgorithm: "SHA256", IfNoneMatch: "*", ...lock }), abort());
      } catch (error) {
        if (!(error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412)) throw error;
        if ((await read(Key)) !== checkpoint.note) throw new Error(`${Key} is there with another text.`, { cause: error });
      }
    },
    async held(most) {
      const keys: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, ...(ContinuationToken === undefined ? {} : { ContinuationToken }) }), abort());
        for (const { Key } of page.Contents ?? []) if (Key !== undefined && isCheckpointFileName(Key.slice(prefix.length))) keys.push(Key);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined && keys.length < MAX_LISTED);
      return Promise.all(spread(keys.sort(), most).map(read));
    },
  };
}
