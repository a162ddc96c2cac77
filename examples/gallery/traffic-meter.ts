/** What the meter reads; a `JoinedRoom` has it. */
export interface MeteredRoom {
  readonly isConnected: boolean;
  readonly ticksPerSecond: number;
  readonly traffic: { readonly patchBytes: number };
  ping(): Promise<number>;
}

const INTERVAL_MS = 1_000;

/** Shows round trip, patch bytes per second and ticks, once a second while the page is seen. */
export function showTraffic(list: HTMLElement, room: MeteredRoom): void {
  const roundTrip = addFigure(list, "Round trip");
  const bytes = addFigure(list, "Patches");
  const ticks = addFigure(list, "Ticks");
  let bytesBefore = room.traffic.patchBytes;
  let measuredAt = performance.now();

  const measure = (): void => {
    if (document.hidden) return;
    if (!room.isConnected) {
      for (const figure of [roundTrip, bytes, ticks]) figure.textContent = "–";
      return;
    }
    const now = performance.now();
    const { patchBytes } = room.traffic;
    // Fewer than before: a rejoin has begun to count anew.
    const added = Math.max(0, patchBytes - bytesBefore);
    bytes.textContent = formatBytes((added * 1_000) / Math.max(1, now - measuredAt));
    bytesBefore = patchBytes;
    measuredAt = now;
    ticks.textContent = `${Math.round(room.ticksPerSecond)}/s`;
    room.ping().then(
      (ms) => (roundTrip.textContent = ms < 1 ? "< 1 ms" : `${Math.round(ms)} ms`),
      () => (roundTrip.textContent = "–"),
    );
  };
  measure();
  setInterval(measure, INTERVAL_MS);
}

function addFigure(list: HTMLElement, name: string): HTMLElement {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const value = document.createElement("dd");
  term.textContent = name;
  value.textContent = "–";
  row.append(term, value);
  list.append(row);
  return value;
}

function formatBytes(perSecond: number): string {
  if (perSecond < 1_000) return `${Math.round(perSecond)} B/s`;
  if (perSecond < 1_000_000) return `${(perSecond / 1_000).toFixed(1)} kB/s`;
  return `${(perSecond / 1_000_000).toFixed(1)} MB/s`;
}
