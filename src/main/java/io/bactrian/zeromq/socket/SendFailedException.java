package io.bactrian.zeromq.socket;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A message was not handed to ZeroMQ: queue full, peer unknown, no answer in time or socket closed. */
public class SendFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    public SendFailedException(String message) {
        super(message);
    }

    public SendFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
