package io.bactrian.zeromq;

import java.lang.reflect.Method;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/** Sends 1,000 requests through a seda queue to an answering route, and counts the threads that are virtual. */
final class VirtualThreadsMain {
    private static final int REQUESTS = 1_000;
    private static final String REP = "zeromq:rep:tcp://127.0.0.1:*";

    private VirtualThreadsMain() {}

    public static void main(String[] arguments) throws Exception {
        // Not there in the Java that this is compiled for.
        Method isVirtual = Thread.class.getMethod("isVirtual");
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger virtual = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(REQUESTS);
        try (DefaultCamelContext context = ZeroMqTest.context()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from(REP).transform(body().prepend("re: "));
                }
            });
            context.start();
            String rep = context.getEndpoint(REP, ZeroMqEndpoint.class)
                    .getBoundAddresses()
                    .get(0);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("seda:ask?concurrentConsumers=8&size=2000")
                            .to("zeromq:dealer:" + rep + "?exchangePattern=InOut")
                            .process(e -> {
                                if (e.getMessage().getBody(String.class).startsWith("re: ")) {
                                    answered.incrementAndGet();
                                }
                                if ((boolean) isVirtual.invoke(Thread.currentThread())) {
                                    virtual.incrementAndGet();
                                }
                                done.countDown();
                            });
                }
            });
            for (int i = 0; i < REQUESTS; i++) {
                context.createProducerTemplate().sendBody("seda:ask", Integer.toString(i));
            }
            done.await();
        }
        System.out.println("answered=" + answered + " virtual=" + virtual);
    }
}
