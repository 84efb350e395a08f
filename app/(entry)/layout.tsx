import type { ReactNode } from "react";
import { BrandMark } from "#components/ui/mark.tsx";

/** The frame of pages in front of the door. */
export default function EntryLayout({ children }: { children: ReactNode }): ReactNode {
  return (
    <main className="entry" id="content">
      <div className="entry-in">
        <div>
          <p className="brand">
            <BrandMark />
            Slipway
          </p>
          {children}
        </div>
        <section aria-labelledby="entry-what">
          <h2 id="entry-what">What this is</h2>
          <ul className="start">
            <li>
              <div>
                <h3>Releases decide on live traffic</h3>
                <p className="small">
                  A new version of a model gets a small share of requests. Its own answers promote
                  it or send the traffic back.
                </p>
              </div>
            </li>
            <li>
              <div>
                <h3>Every change is in a record that can be proved unedited</h3>
                <p className="small">
                  Signed checkpoints, an export in one file, and a verifier that needs no network.
                </p>
              </div>
            </li>
            <li>
              <div>
                <h3>Nothing leaves this installation</h3>
                <p className="small">No account elsewhere and no usage reports.</p>
              </div>
            </li>
          </ul>
        </section>
      </div>
    </main>
  );
}
