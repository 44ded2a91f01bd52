package io.bactrian.zeromq;

import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/** Sends 100 MiB as one body, from a process to itself, whose heap is far smaller. */
final class StreamMain {
    private static final long BYTES = 100L << 20;
    private static final String ROUTER = "zeromq:router:tcp://127.0.0.1:*?stream=true";

    private StreamMain() {}

    /** A body that is nowhere as a whole. */
    private static final class Source extends InputStream {
        private long position;

        @Override
        public int read() {
            return position == BYTES ? -1 : (int) (position++ * 0x9E3779B9L >>> 24 & 0xFF);
        }
    }

    public static void main(String[] arguments) throws Exception {
        AtomicLong received = new AtomicLong();
        CRC32 there = new CRC32();
        CRC32 here = new CRC32();
        boolean failed;
        try (DefaultCamelContext context = ZeroMqTest.context()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from(ROUTER).streamCache("false").process(e -> {
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
            String address = context.getEndpoint(ROUTER, ZeroMqEndpoint.class)
                    .getBoundAddresses()
                    .get(0);
            Exchange sent = context.createProducerTemplate()
                    .send(
                            "zeromq:dealer:" + address + "?stream=true",
                            e -> e.getMessage().setBody(new CheckedInputStream(new Source(), here)));
            failed = sent.isFailed();
        }
        System.out.println(
                "received=" + received + " same=" + (there.getValue() == here.getValue()) + " failed=" + failed);
        System.exit(0);
    }
}
