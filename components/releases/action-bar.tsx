"use client";

import { useEffect, useRef, useState } from "react";
import type { ReleaseActionName, ReleaseView } from "#lib/contracts/views/release-view.ts";
import { ActionMenu, MenuItem } from "../ui/action-menu.tsx";
import { Button } from "../ui/button.tsx";
import { Mark } from "../ui/mark.tsx";
import { holdAct, moreActs, primaryAct } from "./release-acts.ts";

const HOLD_MS = 800;

export type ActionBarProps = {
  readonly release: ReleaseView;
  readonly onAct: (name: ReleaseActionName) => void;
  /** Press and hold: roll back at once, reason to follow. */
  readonly onEmergency: () => void;
  readonly onPrint: () => void;
};

/** Roll back, next step, hold, more: always in this order and place; at the foot of a phone. */
export function ActionBar({ release, onAct, onEmergency, onPrint }: ActionBarProps) {
  const primary = primaryAct(release);
  const hold = holdAct(release);
  const { actions } = release;
  return (
    <>
      <div className="actionbar is-sticky">
        <RollbackButton
          release={release}
          onAct={() => {
            onAct("rollback");
          }}
          onEmergency={onEmergency}
        />
        {primary === null ? null : (
          <Button
            variant="primary"
            className={release.state === "PENDING_APPROVAL" ? "" : "hide-phone"}
            closed={!actions[primary.name].open}
            aria-describedby={actions[primary.name].open ? undefined : "why-not"}
            onClick={() => {
              onAct(primary.name);
            }}
          >
            {primary.label}
          </Button>
        )}
        <Button
          closed={!actions[hold.name].open}
          aria-keyshortcuts="h"
          aria-describedby={actions[hold.name].open ? undefined : holdNoteId(release)}
          onClick={() => {
            onAct(hold.name);
          }}
        >
          {hold.label}
        </Button>
        <ActionMenu label="More">
          {primary === null ? null : (
            <MenuItem
              className="only-phone"
              title={primary.label}
              note={actions[primary.name].closedBecause ?? undefined}
              closed={!actions[primary.name].open}
              onSelect={() => {
                onAct(primary.name);
              }}
            />
          )}
          {moreActs(release).map((act) => (
            <MenuItem
              key={act.name}
              title={act.label}
              note={actions[act.name].closedBecause ?? act.note}
              closed={!actions[act.name].open}
              onSelect={() => {
                onAct(act.name);
              }}
            />
          ))}
          <MenuItem
            title="Print the record"
            note="Everything on this page, on paper or as PDF"
            onSelect={onPrint}
          />
        </ActionMenu>
      </div>
      <ClosedNotes release={release} />
    </>
  );
}

/** Where the reason for a closed Hold stands. */
function holdNoteId(release: ReleaseView): string {
  const same =
    release.actions.rollback.closedBecause === release.actions[holdAct(release).name].closedBecause;
  return same ? "why-not-rollback" : "why-not-hold";
}

/** Why Roll back or Hold is closed, as visible text; said once where both have the same reason. */
function ClosedNotes({ release }: { release: ReleaseView }) {
  const hold = holdAct(release);
  const rollback = release.actions.rollback.closedBecause;
  const held = release.actions[hold.name].closedBecause;
  if (rollback !== null && rollback === held) {
    return (
      <p className="caption closed-note" id="why-not-rollback">
        <b>Roll back, {hold.label.toLowerCase()}</b> {rollback}
      </p>
    );
  }
  return (
    <>
      {rollback === null ? null : (
        <p className="caption closed-note" id="why-not-rollback">
          <b>Roll back</b> {rollback}
        </p>
      )}
      {held === null ? null : (
        <p className="caption closed-note" id="why-not-hold">
          <b>{hold.label}</b> {held}
        </p>
      )}
    </>
  );
}

/** A click opens the dialog; pressing for 0.8 s orders at once. The edge fills while it is pressed. */
function RollbackButton({
  release,
  onAct,
  onEmergency,
}: {
  release: ReleaseView;
  onAct: () => void;
  onEmergency: () => void;
}) {
  const [pressing, setPressing] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const ordered = useRef(false);
  const { open } = release.actions.rollback;

  const stop = () => {
    clearTimeout(timer.current);
    setPressing(false);
  };
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );

  return (
    <Button
      variant="danger"
      closed={!open}
      className={pressing ? "is-pressing" : ""}
      aria-keyshortcuts="Shift+R"
      aria-describedby={open ? undefined : "why-not-rollback"}
      title={open ? "Press for 0.8 s to roll back at once and write the reason later" : undefined}
      onPointerDown={(event) => {
        if (!open || event.button !== 0) return;
        ordered.current = false;
        setPressing(true);
        timer.current = setTimeout(() => {
          ordered.current = true;
          setPressing(false);
          onEmergency();
        }, HOLD_MS);
      }}
      onPointerUp={stop}
      onPointerLeave={stop}
      onPointerCancel={stop}
      onContextMenu={(event) => {
        if (pressing) event.preventDefault();
      }}
      onClick={() => {
        if (ordered.current) {
          ordered.current = false;
          return;
        }
        onAct();
      }}
    >
      <Mark name="back" />
      Roll back to {release.rollback.toVersionName}
    </Button>
  );
}
