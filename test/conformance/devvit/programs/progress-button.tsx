import { type RealtimeMessage, useChannel } from "atrium/client/devvit";
import { type ReactNode, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

// The original leaves it out.
const UUID = crypto.randomUUID();

/** A bar that everybody fills: shown here at once, and to the others by message. */
function ProgressBar(): ReactNode {
  const [progress, setProgress] = useState(0);

  const channel = useChannel<RealtimeMessage<{ progress: number }>>({
    name: "progress",
    onMessage: (data) => {
      if (data.session !== UUID) setProgress(data.payload.progress);
    },
  });
  channel.subscribe();

  return (
    <main>
      <progress max={100} value={progress} aria-label="progress" />
      <button
        // As in the original, whose handlers may wait.
        // oxlint-disable-next-line typescript/no-misused-promises
        onClick={async () => {
          const newProgress = Math.max(progress + 10, 0);
          const message: RealtimeMessage<{ progress: number }> = {
            payload: { progress: newProgress },
            session: UUID,
          };
          setProgress(newProgress);
          await channel.send(message);
        }}
      >
        add
      </button>
      <output>{channel.status}</output>
    </main>
  );
}

mountPage(<ProgressBar />);
