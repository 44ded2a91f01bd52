package io.bactrian.app.bench;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Consumers without a pause: each asks the balancer, follows the redirect, and begins again; 500 at a time. */
final class ChainLoad {
    private static final int CONSUMERS = 500;

    private final LongAdder done = new LongAdder();
    private final LongAdder tookNs = new LongAdder();
    private final LongAdder bad = new LongAdder();
    private volatile boolean stopping;
    private final CountDownLatch ended = new CountDownLatch(CONSUMERS);

    private ChainLoad() {}

    static HttpLoad.Outcome run(String address, int seconds) throws InterruptedException {
        Vertx vertx = Vertx.vertx();
        try {
            return new ChainLoad().measure(vertx, URI.create(address), seconds);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private HttpLoad.Outcome measure(Vertx vertx, URI address, int seconds) throws InterruptedException {
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions().setMaxPoolSize(CONSUMERS).setKeepAlive(true));
        for (int i = 0; i < CONSUMERS; i++) {
            begin(client, address);
        }
        // The first second warms up.
        TimeUnit.SECONDS.sleep(1);
        long doneBefore = done.sum();
        long tookBefore = tookNs.sum();
        long startNs = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        double elapsed = (System.nanoTime() - startNs) / 1e9;
        long count = done.sum() - doneBefore;
        double meanMs = (tookNs.sum() - tookBefore) / 1e6 / Math.max(1, count);
        stopping = true;
        boolean all = ended.await(30, TimeUnit.SECONDS);
        return new HttpLoad.Outcome(count / elapsed, meanMs, bad.sum() + (all ? 0 : ended.getCount()));
    }

    private void begin(HttpClient client, URI address) {
        if (stopping) {
            ended.countDown();
            return;
        }
        long startNs = System.nanoTime();
        get(
                client,
                address,
                302,
                location -> get(
                        client,
                        URI.create(location),
                        200,
                        nothing -> {
                            done.increment();
                            tookNs.add(System.nanoTime() - startNs);
                            begin(client, address);
                        },
                        () -> failed(client, address)),
                () -> failed(client, address));
    }

    private void failed(HttpClient client, URI address) {
        bad.increment();
        begin(client, address);
    }

    private static void get(
            HttpClient client, URI address, int status, java.util.function.Consumer<String> good, Runnable failed) {
        client.request(HttpMethod.GET, address.getPort(), address.getHost(), address.getPath())
                .compose(HttpClientRequest::send)
                .compose(answer -> answer.body().map(body -> answer))
                .onComplete(result -> {
                    if (result.succeeded() && result.result().statusCode() == status) {
                        String location = result.result().getHeader("Location");
                        good.accept(location == null ? "" : location);
                    } else {
                        failed.run();
                    }
                });
    }
}
