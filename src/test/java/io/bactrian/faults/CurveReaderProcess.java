package io.bactrian.faults;

import io.bactrian.zeromq.ZeroMqEndpoint;
import io.bactrian.zeromq.ZeroMqMessage;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckAware;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * A process of its own with a CURVE server whose route sleeps until a file is there. It says {@code port},
 * {@code received}, {@code wrong} (messages that are not the next one) and {@code down}.
 *
 * <p>Arguments: endpoint URI, file.
 */
final class CurveReaderProcess {
    private static final long PAUSE_NANOS = 50_000_000;

    private CurveReaderProcess() {}

    public static void main(String[] args) throws Exception {
        Path awake = Path.of(args[1]);
        AtomicLong received = new AtomicLong();
        AtomicLong wrong = new AtomicLong();
        DefaultCamelContext camel = new DefaultCamelContext();
        camel.disableJMX();
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(args[0]).process(e -> {
                    while (!Files.exists(awake)) {
                        LockSupport.parkNanos(PAUSE_NANOS);
                    }
                    for (Object message : e.getMessage().getBody(List.class)) {
                        long number = ByteBuffer.wrap(((ZeroMqMessage) message).frame(0))
                                .getLong();
                        if (number != received.getAndIncrement()) {
                            wrong.incrementAndGet();
                        }
                    }
                });
            }
        });
        camel.start();
        String address = camel.getEndpoint(args[0], ZeroMqEndpoint.class)
                .getBoundAddresses()
                .get(0);
        System.out.println("port " + address.substring(address.lastIndexOf(':') + 1));
        HealthCheck health = ((HealthCheckAware) camel.getRoutes().get(0).getConsumer()).getHealthCheck();
        while (true) {
            System.out.println("wrong " + wrong.get());
            System.out.println("received " + received.get());
            if (health.call().getState() == HealthCheck.State.DOWN) {
                System.out.println("down 1");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
