import { connect, type JoinedRoom, type RoomOf } from "../../client/index.ts";
import { throwConfetti } from "../gallery/confetti.ts";
import { findElement } from "../gallery/find-element.ts";
import { LivePage } from "../gallery/live-page.ts";
import type { Gallery } from "../rooms.ts";
import { type Bar, DEFAULT_POST, GOAL, postOf, STEP } from "./state.ts";

type BarRoom = JoinedRoom<RoomOf<Gallery, "synced-progress-bar">>;

const RANKING_LENGTH = 8;
const TICKER_LENGTH = 3;

const realtime = connect<Gallery>(location.origin.replace(/^http/, "ws"));
const page = new LivePage(realtime);
const add = findElement("add", HTMLButtonElement);
const subtract = findElement("subtract", HTMLButtonElement);
const reset = findElement("reset", HTMLButtonElement);
const buttons = [add, subtract, reset];

function showProgress({ progress, goals }: Bar): void {
  findElement("percent", HTMLElement).textContent = String(progress);
  findElement("track", HTMLElement).setAttribute("aria-valuenow", String(progress));
  findElement("fill", HTMLElement).style.width = `${progress}%`;
  findElement("goal", HTMLElement).hidden = progress < GOAL;
  findElement("goal-text", HTMLElement).textContent =
    goals === 1 ? "The bar is full for the first time." : `The bar is full, time ${goals}.`;
}

function showTicker({ steps }: Bar): void {
  const ticker = findElement("ticker", HTMLElement);
  const newest = steps.slice(-TICKER_LENGTH);
  const shown = newest.map(({ number }) => number).join(" ");
  // Written anew only for a new step, which is then the one that moves.
  if (ticker.dataset["shown"] === shown) return;
  ticker.dataset["shown"] = shown;
  const items = newest.map(({ name, delta }) => {
    const item = document.createElement("li");
    item.textContent = `${name} ${signed(delta)}`;
    return item;
  });
  ticker.replaceChildren(...items);
}

function showRanking({ scores }: Bar, ownId: string): void {
  const ranked = [...scores.entries()].toSorted(([, one], [, other]) => other.points - one.points);
  const most = Math.max(1, ...ranked.map(([, { points }]) => Math.abs(points)));
  const rows = ranked.slice(0, RANKING_LENGTH).map(([userId, { name, points }], index) => {
    const row = document.createElement("li");
    row.classList.toggle("you", userId === ownId);
    row.classList.toggle("below", points < 0);
    const meter = createPart("meter", "");
    const length = document.createElement("span");
    length.style.width = `${(Math.abs(points) * 100) / most}%`;
    meter.append(length);
    row.append(
      createPart("rank", String(index + 1)),
      createPart("who", name),
      createPart("points", signed(points)),
      meter,
    );
    return row;
  });
  findElement("ranking", HTMLElement).replaceChildren(...rows);
}

function createPart(className: string, text: string): HTMLElement {
  const part = document.createElement("span");
  part.className = className;
  part.textContent = text;
  return part;
}

/** With a real minus sign, which is as wide as the plus. */
function signed(points: number): string {
  return points < 0 ? `−${-points}` : `+${points}`;
}

function showRoom(room: BarRoom): void {
  let { goals } = room.state;
  const show = (state: Bar): void => {
    showProgress(state);
    showTicker(state);
    showRanking(state, room.user.id);
    // Not for a goal of before we came: that moment is over.
    if (state.goals > goals) throwConfetti(findElement("confetti", HTMLElement));
    goals = state.goals;
  };
  room.watch((state) => {
    goals = state.goals;
    show(state);
  });
  room.onStateChange(show);
}

async function openPost(): Promise<void> {
  const address = new URLSearchParams(location.search);
  const post = postOf({ post: address.get("post") ?? DEFAULT_POST });
  const room = await page.join(() => realtime.join("synced-progress-bar", { post }));
  showRoom(room);
  realtime.onStatusChange((status) => {
    for (const button of buttons) button.disabled = status !== "connected";
  });
  add.addEventListener("click", () => room.send("step", { delta: STEP }));
  subtract.addEventListener("click", () => room.send("step", { delta: -STEP }));
  reset.addEventListener("click", () => room.send("reset", {}));
}

openPost().catch((error: unknown) => page.explain(error));
