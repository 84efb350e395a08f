"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { formatInstant } from "#lib/client/format-time.ts";
import { releaseQuery } from "#lib/client/view-queries.ts";
import type { ReleaseActionName, ReleaseView } from "#lib/contracts/views/release-view.ts";
import { StaleBanner } from "../shell/live-tick.tsx";
import { useLiveness } from "../shell/live-provider.tsx";
import { useShortcuts } from "../shell/shortcuts-provider.tsx";
import { Strip } from "../shell/strip.tsx";
import { useOpenForPrint } from "../shell/use-open-for-print.ts";
import { useServerNow } from "../shell/use-server-now.ts";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { ActDialog, type DialogAct } from "./act-dialogs.tsx";
import { ActionBar } from "./action-bar.tsx";
import { ApprovalsSection, ChecklistSection } from "./approvals-section.tsx";
import { BakeSection } from "./bake-section.tsx";
import { ChangesSection } from "./changes-section.tsx";
import { EventLog } from "./event-log.tsx";
import { EvidenceCharts } from "./evidence-charts.tsx";
import { GuardOverview } from "./guard-overview.tsx";
import { PlanSpine } from "./plan-spine.tsx";
import { holdAct, primaryAct } from "./release-acts.ts";
import { ReleaseHead, WaitNote } from "./release-head.tsx";
import { StrategySection } from "./strategy-section.tsx";
import { RollbackDialog, isUnanswered } from "./rollback-dialog.tsx";
import { RollbackPanel } from "./rollback-watch.tsx";
import { useReleaseAct } from "./use-release-act.ts";
import { VerdictAnnouncer } from "./verdict-announcer.tsx";

const ROLLING_BACK_POLL_MS = 500;
const PROMOTE_STALE_SECONDS = 15;

/** The release page: a sentence, then the evidence. First paint from the server, then live. */
export function ReleasePage({ initial, children }: { initial: ReleaseView; children?: ReactNode }) {
  const { data } = useQuery({
    ...releaseQuery(initial.number),
    initialData: initial,
    refetchInterval: (query) =>
      query.state.data?.state === "ROLLING_BACK" ? ROLLING_BACK_POLL_MS : false,
  });
  const release = useFreshnessRule(data);
  const now = useServerNow(release.asOf);
  const timeZone = useTimeZone();
  const rollback = useRollback(release);
  const [dialog, setDialog] = useState<DialogAct | null>(null);

  const open = (name: ReleaseActionName) => {
    if (!release.actions[name].open) return;
    if (name === "rollback") rollback.open(false);
    else setDialog(name);
  };
  useHashDialogs(open);
  useOpenForPrint();
  useReleaseKeys(release, open, () => {
    if (release.actions.rollback.open) rollback.open(true);
  });
  const primary = primaryAct(release);

  return (
    <>
      <Strip
        crumbs={[{ href: "/releases", label: "Releases" }, { label: String(release.number) }]}
        asOf={release.asOf}
      />
      <StaleBanner asOf={release.asOf} />
      <ReleaseHead
        release={release}
        now={now}
        actions={
          <ActionBar
            release={release}
            onAct={open}
            onEmergency={rollback.emergency}
            onPrint={() => {
              window.print();
            }}
          />
        }
        note={
          <WaitNote
            release={release}
            now={now}
            closedBecause={primary === null ? null : release.actions[primary.name].closedBecause}
          />
        }
      />
      <VerdictAnnouncer release={release} />
      <RollbackPanel release={release} now={now} orderedMs={rollback.orderedMs} />
      <div className="release-top">
        <PlanSpine release={release} now={now} />
        <GuardOverview release={release} now={now} />
      </div>
      <StrategySection release={release} now={now} />
      <BakeSection release={release} />
      <EvidenceCharts release={release} now={now} />
      <div className="cols-2">
        <ApprovalsSection release={release} now={now} />
        <ChecklistSection release={release} />
      </div>
      {children}
      <ChangesSection release={release} />
      <EventLog release={release} now={now} />
      <p className="print-only caption">
        Record of release {release.number}, plan and evidence{" "}
        {release.approvals.boundDigest ?? "not bound"}, printed{" "}
        {formatInstant(now, timeZone, release.createdAt)}
      </p>
      <RollbackDialog
        open={rollback.isOpen}
        onClose={rollback.close}
        release={release}
        act={rollback.act}
        byKey={rollback.byKey}
        orderedMs={rollback.orderedMs}
        onOrder={rollback.ordered}
      />
      {dialog === null ? null : (
        <ActDialog
          key={dialog}
          name={dialog}
          release={release}
          onClose={() => {
            setDialog(null);
          }}
        />
      )}
    </>
  );
}

/** Promotion closes after 15 s without news; rolling back never does. */
function useFreshnessRule(release: ReleaseView): ReleaseView {
  const { ageSeconds } = useLiveness();
  if (ageSeconds === null || ageSeconds < PROMOTE_STALE_SECONDS) return release;
  const closed = {
    open: false,
    closedBecause: "Closed until data returns: nobody should promote on old numbers.",
    severity: "moderate",
  } as const;
  return { ...release, actions: { ...release.actions, promote: closed, passGate: closed } };
}

/** State of the rollback: its dialog, and the moment at which this viewer ordered it. */
function useRollback(release: ReleaseView) {
  const act = useReleaseAct(release, "rollback");
  const [isOpen, setOpen] = useState(false);
  const [byKey, setByKey] = useState(false);
  const [orderedMs, setOrderedMs] = useState<number | null>(null);
  const ordered = () => {
    setOrderedMs(performance.now());
  };
  return {
    act,
    isOpen,
    byKey,
    orderedMs: act.problem !== null && !isUnanswered(act.problem) ? null : orderedMs,
    ordered,
    open: (key: boolean) => {
      act.reset();
      setByKey(key);
      setOpen(true);
    },
    close: () => {
      setOpen(false);
    },
    emergency: () => {
      act.reset();
      setOpen(true);
      ordered();
      void act.send({ emergency: true });
    },
  };
}

/** A link may open a dialog: /releases/142#rollback, #approve. */
function useHashDialogs(open: (name: ReleaseActionName) => void) {
  useEffect(() => {
    const name = window.location.hash.slice(1);
    if (name === "rollback" || name === "approve") open(name);
    // Only for the address the page was opened with; later changes are anchors of this page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}

function useReleaseKeys(
  release: ReleaseView,
  open: (name: ReleaseActionName) => void,
  rollBack: () => void,
) {
  const hold = holdAct(release);
  const rollback = release.actions.rollback.open;
  useShortcuts([
    {
      keys: "Shift+R",
      does: `Roll back to ${release.rollback.toVersionName}`,
      run: rollBack,
      inPalette: rollback,
    },
    {
      keys: "h",
      does: `${hold.label} release ${String(release.number)}`,
      run: () => {
        open(hold.name);
      },
      inPalette: release.actions[hold.name].open,
    },
    {
      keys: "a",
      does: "Approve",
      run: () => {
        open("approve");
      },
      inPalette: release.actions.approve.open,
    },
    {
      keys: "p",
      does: "Promote",
      run: () => {
        open(release.state === "AWAITING_GATE" ? "passGate" : "promote");
      },
      inPalette: release.actions.promote.open,
    },
    {
      keys: "e",
      does: "Go to the evidence",
      run: () => {
        document.getElementById("evidence")?.scrollIntoView();
      },
    },
  ]);
}
