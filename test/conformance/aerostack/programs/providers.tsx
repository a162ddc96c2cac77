import { AerostackProvider, useAerostack, useAuth } from "atrium/client/aerostack";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

/** Is present in a room, and says who it is. */
function Visitor(): ReactNode {
  const { realtime } = useAerostack();
  const { user } = useAuth();
  useEffect(() => {
    const channel = realtime.channel("room/hall");
    channel.track({ userId: user.id, name: user.name });
    channel.subscribe();
    return () => {
      channel.untrack();
      channel.unsubscribe();
    };
  }, [realtime, user]);
  return <p id="user">{user.name}</p>;
}

/** A provider with a connection of its own, which can go away, and tokens to choose from. */
function Page(): ReactNode {
  const [isThere, setIsThere] = useState(true);
  const [token, setToken] = useState(new URLSearchParams(location.search).get("token") ?? "");
  return (
    <>
      {isThere && (
        <AerostackProvider url={location.origin} token={token} fallback={<p>Nobody yet</p>}>
          <Visitor />
        </AerostackProvider>
      )}
      <button onClick={() => setIsThere(!isThere)}>Come and go</button>
      <button onClick={() => setToken("ada/Countess Ada")}>Be a countess</button>
    </>
  );
}

mountPage(<Page />);
