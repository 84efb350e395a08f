import type { AuditEntry, ReadModels, Telemetry, UnitOfWork } from "./ports.ts";

/** What a command works in. Only `command()` and `telemetry()` open one. */
export type WritableTransaction = {
  readonly uow: UnitOfWork;
  /** When the transaction began, by the database clock. */
  readonly now: Date;
  /** Must be the last statement: it takes the lock that orders the trail. Answers the entries' sequence numbers. */
  appendAudit(entry: AuditEntry): Promise<readonly bigint[]>;
  /** Sent with the commit, or not at all. */
  publish(topics: readonly string[]): Promise<void>;
};

/** The database as use cases see it. */
export type Store = {
  write<R>(body: (transaction: WritableTransaction) => Promise<R>): Promise<R>;
  telemetry<R>(body: (telemetry: Telemetry, now: Date, publish: (topics: readonly string[]) => Promise<void>) => Promise<R>): Promise<R>;
  read<R>(body: (models: ReadModels) => Promise<R>): Promise<R>;
  /** Several reads that must agree with each other: one snapshot, with the time it was taken. */
  readSnapshot<R>(body: (models: ReadModels, now: Date) => Promise<R>): Promise<R>;
};
