package io.bactrian.pubsub.client;

import java.nio.file.Path;

/** A {@link BareHub} in a process of its own, until it is killed. */
public final class TestHubMain {
    private TestHubMain() {}

    public static void main(String[] args) throws Exception {
        int publish = 0;
        int subscribe = 0;
        Path data = Path.of(".");
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--data")) {
                data = Path.of(args[i + 1]);
            } else if (args[i].startsWith("bactrian.hub.publish=")) {
                publish = Integer.parseInt(args[i].substring(args[i].lastIndexOf(':') + 1));
            } else if (args[i].startsWith("bactrian.hub.subscribe=")) {
                subscribe = Integer.parseInt(args[i].substring(args[i].lastIndexOf(':') + 1));
            }
        }
        new BareHub(data, io.bactrian.pubsub.core.HubLimits.defaults(), publish, subscribe);
        System.out.println("ready");
        Thread.currentThread().join();
    }
}
