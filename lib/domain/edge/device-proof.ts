/** A device's clock may be off by this much; the answer to a refused call says what time it is. */
export const CLOCK_TOLERANCE_MS = 300_000;

/** What a device signs with its own key for one call: who, when, and what it asks or says. */
export const deviceProofText = (deviceId: string, atMs: number, subject: string): string =>
  `slipway-device/v1\n${deviceId}\n${atMs}\n${subject}\n`;

/** Subject of a check-in: the report as it was sent, by its digest. */
export const checkInSubject = (reportDigest: string): string => `check-in ${reportDigest}`;

/** Subject of a download. */
export const artifactSubject = (digest: string): string => `artifact ${digest}`;

/** Subject of a batch of counts: the batch as it was sent, by its digest. */
export const countsSubject = (batchDigest: string): string => `counts ${batchDigest}`;
