import { connectRealtime } from "atrium/client/devvit";

interface Scores {
  readonly [player: string]: number;
}

function render(scores: Scores): void {
  const lines = Object.entries(scores).map(([player, score]) => `${player} ${score}`);
  document.body.textContent = lines.join(", ");
}

// What is kept on the server is loaded, and every change of it is shown when it happens.
async function start(): Promise<void> {
  let scores: Scores = {};
  const load = async (): Promise<void> => {
    scores = (await (await fetch("/api/scores")).json()) as Scores;
    render(scores);
  };
  await connectRealtime<{ player: string; score: number }>({
    channel: "scores",
    onConnect: () => void load(),
    onMessage: ({ player, score }) => {
      scores = { ...scores, [player]: score };
      render(scores);
    },
  });
}

void start();
