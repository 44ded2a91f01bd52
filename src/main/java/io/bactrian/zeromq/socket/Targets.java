package io.bactrian.zeromq.socket;

import io.bactrian.support.service.ServiceDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * Where a socket connects to: the addresses of its settings, and in place of one that names a service
 * ({@code registry:NAME}) where that service is now. The directory tells of changes on threads of its own; the owner of the
 * socket connects and disconnects. An address whose host name is not known yet is connected to when it is.
 */
final class Targets {
    private static final Logger LOG = LoggerFactory.getLogger(Targets.class);

    private final SocketSettings settings;
    private final @Nullable ServiceDirectory directory;
    private final boolean one;
    private final Runnable wake;
    private final List<ServiceDirectory.Following> followed = new ArrayList<>();
    private final Map<String, List<String>> found = new TreeMap<>();
    private final UnknownNames names;
    private volatile boolean moved;
    /** Owner: what the socket is connected to. */
    private Set<String> connected = Set.of();

    /**
     * @param context knows who says where services are
     * @param one the first address of a service is used, and left only when the service is not there any more; otherwise all
     * @param wake has the owner call {@link #move} soon
     */
    Targets(SocketSettings settings, SocketContext context, boolean one, Runnable wake) {
        this.settings = settings;
        this.directory = context.directory();
        this.one = one;
        this.wake = wake;
        this.names = new UnknownNames(settings.key(), context.threads(), this::again);
    }

    private void again() {
        moved = true;
        wake.run();
    }

    private static boolean isService(String address) {
        return address.startsWith(ServiceDirectory.SCHEME);
    }

    /** Owner, before the socket is opened for the first time. @throws IOException if nobody knows where services are */
    void begin() throws IOException {
        for (String address : settings.addresses()) {
            if (!isService(address)) {
                continue;
            }
            ServiceDirectory known = directory;
            if (known == null) {
                throw new IOException("cannot connect to " + address
                        + ": nothing says where services are; give an address such as tcp://host:port");
            }
            String service = address.substring(ServiceDirectory.SCHEME.length());
            try {
                followed.add(known.follow(service, addresses -> told(address, addresses)));
            } catch (IllegalStateException | IllegalArgumentException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    private void told(String service, List<String> addresses) {
        synchronized (found) {
            List<String> before = found.getOrDefault(service, List.of());
            boolean stays = one && !before.isEmpty() && addresses.contains(before.get(0));
            found.put(service, stays ? before : one ? addresses.subList(0, 1) : List.copyOf(addresses));
        }
        again();
    }

    /** Owner: where the socket is to connect to now; it is opened with these. */
    List<String> opening() {
        moved = false;
        connected = wanted();
        return List.copyOf(connected);
    }

    private Set<String> wanted() {
        Set<String> all = new LinkedHashSet<>();
        synchronized (found) {
            for (String address : settings.addresses()) {
                if (isService(address)) {
                    all.addAll(found.getOrDefault(address, List.of()));
                } else {
                    all.add(address);
                }
            }
        }
        return all;
    }

    /** Owner: the socket is not connected to these, because nobody knows their host names yet. */
    void unknown(Collection<String> addresses) {
        if (addresses.isEmpty()) {
            return;
        }
        Set<String> left = new LinkedHashSet<>(connected);
        left.removeAll(addresses);
        connected = left;
        for (String address : addresses) {
            LOG.warn("nobody knows the name yet, trying on socket={} address={}", settings.key(), address);
            names.add(address);
        }
    }

    /** Why there is no connection, as far as names are concerned; null if all are known. Any thread. */
    @Nullable String obstacle() {
        List<String> unknown = names.all();
        return unknown.isEmpty() ? null : "nobody knows the name " + UnknownNames.host(unknown.get(0));
    }

    /** Whether a service has moved since the last call of {@link #move}. */
    boolean moved() {
        return moved;
    }

    /** Owner: leaves the addresses at which a service is not any more, and connects to the new ones. */
    void move(ZMQ.Socket socket, Reconnector reconnector) {
        moved = false;
        Set<String> wanted = wanted();
        Set<String> now = new LinkedHashSet<>(connected);
        names.all().stream().filter(address -> !wanted.contains(address)).forEach(names::forget);
        for (String address : connected) {
            if (!wanted.contains(address)) {
                reconnector.forget(address);
                socket.disconnect(address);
                now.remove(address);
            }
        }
        for (String address : wanted) {
            if (!now.contains(address) && !names.contains(address) && connect(socket, address, reconnector)) {
                now.add(address);
            }
        }
        if (!now.equals(connected)) {
            LOG.info("moved socket={} from={} to={}", settings.key(), connected, now);
        }
        connected = now;
    }

    /** What nodes register is not checked by anybody: an address that cannot be used costs nobody the socket. */
    private boolean connect(ZMQ.Socket socket, String address, Reconnector reconnector) {
        String problem;
        try {
            if (SocketOpener.connect(socket, address)) {
                reconnector.connecting(address, socket.getLastEndpoint());
                return true;
            }
            problem = ZMQ.Error.findByCode(socket.errno()).getMessage();
        } catch (ZMQException e) {
            if (SocketOpener.isUnknown(e)) {
                unknown(List.of(address));
                return false;
            }
            problem = ZMQ.Error.findByCode(e.getErrorCode()).getMessage();
        } catch (IllegalArgumentException e) {
            problem = String.valueOf(e.getMessage());
        }
        LOG.warn("cannot connect socket={} address={} reason={}", settings.key(), address, problem);
        return false;
    }

    void close() {
        followed.forEach(ServiceDirectory.Following::close);
        names.close();
    }
}
