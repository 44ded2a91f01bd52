package io.bactrian.pubsub.core;

/** Takes what an operator should read: one line each. */
public interface HubNotices {
    void info(String line);

    void warn(String line);
}
