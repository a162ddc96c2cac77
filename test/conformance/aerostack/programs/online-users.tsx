import { AerostackProvider, useAerostack, useAuth } from "atrium/client/aerostack";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

interface Person {
  userId: string;
  name: string;
  color: string;
  status: string;
}

/** Who is in a room; one's own status can be changed. */
function OnlineUsers({ roomId }: { roomId: string }): ReactNode {
  const { realtime } = useAerostack();
  const { user } = useAuth();
  const [online, setOnline] = useState<Map<string, Person>>(new Map());
  const [status, setStatus] = useState("active");

  useEffect(() => {
    const channel = realtime.channel(`room/${roomId}`);
    channel.track({ userId: user.id, name: user.name, color: "#FF5733", status });
    channel
      .on("presence:join", ({ data }) => {
        setOnline((people) => new Map(people).set(data.userId, data));
      })
      .on("presence:update", ({ data }) => {
        setOnline((people) => new Map(people).set(data.userId, data));
      })
      .on("presence:leave", ({ data }) => {
        setOnline((people) => {
          const others = new Map(people);
          others.delete(data.userId);
          return others;
        });
      })
      .subscribe();
    return () => {
      channel.untrack();
      channel.unsubscribe();
    };
  }, [realtime, roomId, user, status]);

  return (
    <section>
      <h1>{online.size} online</h1>
      <p id="me">{user.name}</p>
      <ul>
        {[...online.values()].map((person) => (
          <li key={person.userId} style={{ color: person.color }}>
            {person.name} is {person.status}
          </li>
        ))}
      </ul>
      <button onClick={() => setStatus("away")}>Go away</button>
    </section>
  );
}

function Door(): ReactNode {
  const [isOpen, setIsOpen] = useState(true);
  return (
    <>
      {isOpen && <OnlineUsers roomId="lobby" />}
      <button onClick={() => setIsOpen(false)}>Leave</button>
    </>
  );
}

mountPage(
  <AerostackProvider fallback={<p>Who are you?</p>}>
    <Door />
  </AerostackProvider>,
);
