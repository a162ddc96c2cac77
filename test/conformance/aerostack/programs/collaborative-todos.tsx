import { AerostackProvider, useAerostack, useAuth } from "atrium/client/aerostack";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

interface Todo {
  id: string;
  list_id: string;
  text: string;
  done: boolean;
}

interface Editor {
  userId: string;
  name: string;
}

/** A list that follows its table, and who looks at it. */
function CollaborativeTodos({ listId }: { listId: string }): ReactNode {
  const { realtime } = useAerostack();
  const { user } = useAuth();
  const [todos, setTodos] = useState<Todo[]>([]);
  const [editors, setEditors] = useState<Map<string, Editor>>(new Map());

  useEffect(() => {
    const rows = realtime.channel("todos");
    rows
      .on("INSERT", ({ data }) => {
        if (data.list_id === listId) setTodos((known) => [...known, data]);
      })
      .on("UPDATE", ({ data }) => {
        setTodos((known) => known.map((todo) => (todo.id === data.id ? data : todo)));
      })
      .on("DELETE", ({ data }) => {
        setTodos((known) => known.filter((todo) => todo.id !== data.id));
      })
      .subscribe();

    const people = realtime.channel(`todos/${listId}`);
    people.track({ userId: user.id, name: user.name, viewing: true });
    people
      .on("presence:join", ({ data }) => {
        setEditors((known) => new Map(known).set(data.userId, data));
      })
      .on("presence:leave", ({ data }) => {
        setEditors((known) => {
          const others = new Map(known);
          others.delete(data.userId);
          return others;
        });
      })
      .subscribe();

    return () => {
      rows.unsubscribe();
      people.untrack();
      people.unsubscribe();
    };
  }, [realtime, listId, user]);

  return (
    <main>
      <p>Editors: {[...editors.values()].map(({ name }) => name).join(", ")}</p>
      <p id="me">{user.name}</p>
      <ul>
        {todos.map(({ id, text, done }) => (
          <li key={id} style={{ textDecoration: done ? "line-through" : "none" }}>
            {text}
          </li>
        ))}
      </ul>
    </main>
  );
}

mountPage(
  <AerostackProvider>
    <CollaborativeTodos listId="groceries" />
  </AerostackProvider>,
);
