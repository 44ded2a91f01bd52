package io.bactrian.app.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.camel.AsyncProducer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;

/** Sends with a producer of the component, an Exchange for each message, from several threads. */
final class ProducerSource implements Source {
    private final AsyncProducer producer;
    private final int threads;
    private final ExecutorService pool;

    ProducerSource(CamelContext camel, String uri, int threads) throws Exception {
        this.producer = camel.getEndpoint(uri).createAsyncProducer();
        this.producer.start();
        this.threads = threads;
        this.pool = Executors.newFixedThreadPool(threads);
    }

    private void send(byte[] body) throws Exception {
        Exchange exchange = producer.getEndpoint().createExchange();
        exchange.getMessage().setBody(body);
        producer.process(exchange);
        Exception failure = exchange.getException();
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void burst(byte[] body, long messages) throws Exception {
        List<Future<?>> parts = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            long part = messages / threads + (t < messages % threads ? 1 : 0);
            parts.add(pool.submit(() -> {
                for (long i = 0; i < part; i++) {
                    send(body);
                }
                return part;
            }));
        }
        for (Future<?> part : parts) {
            part.get();
        }
    }

    @Override
    public long[] oneAtATime(byte[] body, int messages, Meter meter) throws Exception {
        long[] nanos = new long[messages];
        for (int i = 0; i < messages; i++) {
            long total = meter.count() + 1;
            long start = System.nanoTime();
            send(body);
            meter.await(total);
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }

    @Override
    public void close() {
        pool.shutdown();
        producer.stop();
    }
}
