import { AerostackProvider, useAerostack } from "atrium/client/aerostack";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

interface Order {
  id: string;
  status: string;
  total: number;
}

/** A list of orders that follows its table. */
function LiveOrders(): ReactNode {
  const { realtime } = useAerostack();
  const [orders, setOrders] = useState<Order[]>([]);

  useEffect(() => {
    const table = realtime.channel("orders");
    table
      .on("INSERT", ({ data }) => {
        setOrders((known) => [data, ...known]);
      })
      .on("UPDATE", ({ data, old }) => {
        setOrders((known) => known.map((order) => (order.id === old.id ? data : order)));
      })
      .on("DELETE", ({ data }) => {
        setOrders((known) => known.filter(({ id }) => id !== data.id));
      })
      .subscribe();
    return () => table.unsubscribe();
  }, [realtime]);

  return (
    <section>
      <h1>{orders.length} orders</h1>
      <ul>
        {orders.map(({ id, status, total }) => (
          <li key={id}>
            #{id} {status} ${total}
          </li>
        ))}
      </ul>
    </section>
  );
}

mountPage(
  <AerostackProvider>
    <LiveOrders />
  </AerostackProvider>,
);
