package io.bactrian.zeromq;

import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * Sends one body from a process to itself, whose heap is far smaller. Arguments: its octets, and the endpoint options of
 * the receiver and the sender.
 */
final class StreamMain {
    private static final String ROUTER = "zeromq:router:tcp://127.0.0.1:*?stream=true";

    private StreamMain() {}

    /** A body that is nowhere as a whole. */
    private static final class Source extends InputStream {
        private final long bytes;
        private long position;

        Source(long bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            return position == bytes ? -1 : (int) (position++ * 0x9E3779B9L >>> 24 & 0xFF);
        }
    }

    public static void main(String[] arguments) throws Exception {
        long bytes = Long.parseLong(arguments[0]);
        String router = ROUTER + arguments[1];
        AtomicLong received = new AtomicLong();
        CRC32 there = new CRC32();
        CRC32 here = new CRC32();
        boolean failed;
        try (DefaultCamelContext context = ZeroMqTest.context()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from(router).streamCache("false").process(e -> {
                        byte[] buffer = new byte[10_000];
                        InputStream body = (InputStream) e.getMessage().getBody();
                        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                            there.update(buffer, 0, count);
                            received.addAndGet(count);
                        }
                    });
                }
            });
            context.start();
            String address = context.getEndpoint(router, ZeroMqEndpoint.class)
                    .getBoundAddresses()
                    .get(0);
            Exchange sent = context.createProducerTemplate()
                    .send(
                            "zeromq:dealer:" + address + "?stream=true" + arguments[2],
                            e -> e.getMessage().setBody(new CheckedInputStream(new Source(bytes), here)));
            failed = sent.isFailed();
        }
        System.out.println(
                "received=" + received + " same=" + (there.getValue() == here.getValue()) + " failed=" + failed);
        System.exit(0);
    }
}
