package io.bactrian.app.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Consumers without a pause: each asks the balancer, follows the redirect, and begins again; 500 at a time, on one thread. The load
 * generators of Debian follow no redirect.
 */
final class ChainLoad implements AutoCloseable {
    private static final int CONSUMERS = 500;
    private static final long WARM_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SELECT_MS = 100;

    private final URI address;
    private final Selector selector = Selector.open();
    private final List<DataConsumer> consumers = new ArrayList<>();
    private boolean measuring;
    private long done;
    private long tookNs;
    private long bad;

    private ChainLoad(URI address) throws IOException {
        this.address = address;
    }

    static HttpLoad.Outcome run(String address, int seconds) throws IOException {
        try (ChainLoad load = new ChainLoad(URI.create(address))) {
            return load.measure(seconds);
        }
    }

    /** The first second warms up. Every answer counts as bad that is not 302 and then 200. */
    private HttpLoad.Outcome measure(int seconds) throws IOException {
        for (int i = 0; i < CONSUMERS; i++) {
            DataConsumer consumer = new DataConsumer();
            consumers.add(consumer);
            consumer.begin();
        }
        work(WARM_NS);
        measuring = true;
        long beganNs = System.nanoTime();
        work(TimeUnit.SECONDS.toNanos(seconds));
        double elapsed = (System.nanoTime() - beganNs) / 1e9;
        return new HttpLoad.Outcome(done / elapsed, tookNs / 1e6 / Math.max(1, done), bad);
    }

    private void work(long forNs) throws IOException {
        long beganNs = System.nanoTime();
        while (System.nanoTime() - beganNs < forNs) {
            selector.select(SELECT_MS);
            for (SelectionKey key : selector.selectedKeys()) {
                ((DataConsumer) key.attachment()).proceed();
            }
            selector.selectedKeys().clear();
        }
    }

    @Override
    public void close() throws IOException {
        for (DataConsumer consumer : consumers) {
            consumer.disconnect();
        }
        selector.close();
    }

    /** One consumer with a connection to the balancer and one to the worker that it was sent to last. */
    private final class DataConsumer {
        private @Nullable KeepAliveConnection balancer;
        private @Nullable KeepAliveConnection worker;
        private String location = "";
        private String authority = "";
        private String path = "";
        private boolean atWorker;
        private long beganNs;

        void begin() throws IOException {
            beganNs = System.nanoTime();
            atWorker = false;
            balancer = connected(balancer, address.getAuthority());
            balancer.get(address.getPath());
        }

        private KeepAliveConnection connected(@Nullable KeepAliveConnection open, String authority) throws IOException {
            if (open != null && open.authority().equals(authority)) {
                return open;
            }
            if (open != null) {
                open.close();
            }
            return new KeepAliveConnection(authority, selector, this);
        }

        /** Something has come. A failed request is counted, and the consumer begins anew. */
        void proceed() throws IOException {
            try {
                KeepAliveConnection asked = atWorker ? worker : balancer;
                if (asked != null && asked.read()) {
                    answered(asked);
                }
            } catch (IOException e) {
                bad++;
                disconnect();
                begin();
            }
        }

        private void answered(KeepAliveConnection asked) throws IOException {
            int expected = atWorker ? 200 : 302;
            if (asked.status() != expected) {
                throw new IOException(asked.authority() + " answers " + asked.status() + " and not " + expected);
            }
            if (!atWorker) {
                String next = asked.header("location");
                if (!next.equals(location)) {
                    location = next;
                    URI parts = URI.create(next);
                    authority = parts.getAuthority();
                    path = parts.getPath();
                }
                atWorker = true;
                worker = connected(worker, authority);
                worker.get(path);
                return;
            }
            if (measuring) {
                done++;
                tookNs += System.nanoTime() - beganNs;
            }
            begin();
        }

        void disconnect() throws IOException {
            if (balancer != null) {
                balancer.close();
            }
            if (worker != null) {
                worker.close();
            }
            balancer = null;
            worker = null;
        }
    }
}
