import { AerostackProvider, useAerostack } from "atrium/client/aerostack";
import { type ReactNode, useEffect, useState } from "react";
import { mountPage } from "../../../support/mount-page.tsx";

interface Metrics {
  activeUsers: number;
  ordersToday: number;
  revenue: number;
}

/** Three numbers that the server counts, and orders as they come in. */
function LiveMetrics(): ReactNode {
  const { realtime } = useAerostack();
  const [metrics, setMetrics] = useState<Metrics>({ activeUsers: 0, ordersToday: 0, revenue: 0 });

  useEffect(() => {
    const channel = realtime.channel("dashboard/metrics");
    channel
      .on("metrics:update", ({ data }) => {
        setMetrics(data);
      })
      .subscribe((status) => (document.body.className = status));

    const orders = realtime.channel("orders");
    orders
      .on("INSERT", ({ data }) => {
        setMetrics((counted) => ({
          ...counted,
          ordersToday: counted.ordersToday + 1,
          revenue: counted.revenue + data.total,
        }));
      })
      .subscribe();

    return () => {
      channel.unsubscribe();
      orders.unsubscribe();
    };
  }, [realtime]);

  return (
    <main style={{ display: "grid", gridTemplateColumns: "1fr 1fr 1fr", gap: 16 }}>
      <p>{metrics.activeUsers} active users</p>
      <p>{metrics.ordersToday} orders today</p>
      <p>${metrics.revenue.toFixed(2)} revenue</p>
    </main>
  );
}

mountPage(
  <AerostackProvider>
    <LiveMetrics />
  </AerostackProvider>,
);
