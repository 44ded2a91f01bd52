package io.bactrian.zeromq.socket;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which addresses can only be reached by this machine's own programs. */
final class LocalAddress {
    private static final Logger LOG = LoggerFactory.getLogger(LocalAddress.class);
    private static final String TCP = "tcp://";

    private LocalAddress() {}

    /** True for {@code inproc}, and for {@code tcp} on a loopback address or a name that stands for one. */
    static boolean isLoopbackOrInproc(String address) {
        if (address.startsWith("inproc:")) {
            return true;
        }
        int port = address.lastIndexOf(':');
        if (!address.startsWith(TCP) || port <= TCP.length()) {
            return false;
        }
        try {
            return InetAddress.getByName(address.substring(TCP.length(), port)).isLoopbackAddress();
        } catch (UnknownHostException e) {
            LOG.debug("not known as a loopback address address={}", address, e);
            return false;
        }
    }
}
