import { useBrowser } from "../support/browser.ts";
import { DocumentProgram, type DocumentServer } from "../support/document-program.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

describe("the code of docs/react.md", () => {
  const folder = useTemporaryFolder();
  const browser = useBrowser();
  let running: DocumentServer;

  before("write it down, compile it and start it", async () => {
    const program = new DocumentProgram("docs/react.md", folder());
    await program.write("server.ts", "scores.tsx", "chat.tsx");
    await program.addPage("scores", "scores.tsx");
    await program.addPage("chat", "chat.tsx");
    running = await program.start("server.ts");
  });

  after(() => running.server.close());

  const url = (): string => `http://127.0.0.1:${running.server.port}`;

  it("is a score board that two windows share", async () => {
    const windows = [
      await browser().openPage(`${url()}/scores`),
      await browser().openPage(`${url()}/scores`),
    ];
    for (const page of windows) await page.getByRole("listitem").nth(1).waitFor();
    await windows[0]!.getByRole("button").click();
    await windows[1]!.getByText("Ada: 1").waitFor();
  });

  it("is a chat that knows who is there and what was said", async () => {
    const anna = await browser().openPage(`${url()}/chat?name=Anna`);
    await anna.getByText("connected, with Anna").waitFor();
    await anna.getByRole("textbox").fill("hello");
    await anna.getByRole("textbox").press("Enter");
    await anna.getByText("Anna: hello").waitFor();
    const ben = await browser().openPage(`${url()}/chat?name=Ben`);
    await ben.getByText("connected, with Anna, Ben").waitFor();
    await ben.getByText("Anna: hello").waitFor();
    await anna.getByText("connected, with Anna, Ben").waitFor();
    await ben.getByRole("textbox").fill("x".repeat(281));
    await ben.getByRole("textbox").press("Enter");
    await ben.getByRole("alert").waitFor();
    await ben.getByRole("textbox").fill("hi Anna");
    await ben.getByRole("textbox").press("Enter");
    await anna.getByText("Ben: hi Anna").waitFor();
    await ben.getByRole("alert").waitFor({ state: "detached" });
  });
});
