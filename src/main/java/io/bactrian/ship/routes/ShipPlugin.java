package io.bactrian.ship.routes;

import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.ContextServicePlugin;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the beans of the routes in {@code routes/ship/}, set by the properties that
 * begin with {@code bactrian.ship.}. Camel finds it by itself. Nothing is opened until a route uses one of the beans.
 */
public final class ShipPlugin implements ContextServicePlugin {
    private static final String KEYS = "bactrian.ship.";

    @Override
    public void load(CamelContext context) {
        Beans beans = new Beans(context);
        context.getRegistry().bind("bactrianShipSender", FolderSender.class, beans::sender);
        context.getRegistry().bind("bactrianShipReceiver", FolderReceiver.class, beans::receiver);
        context.getRegistry().bind("bactrianRsync", RsyncArguments.class, beans::rsync);
    }

    /** The beans of a context, made at the first use. */
    private static final class Beans {
        private final CamelContext context;
        private @Nullable FolderSender sender;
        private @Nullable FolderReceiver receiver;

        private Beans(CamelContext context) {
            this.context = context;
        }

        private synchronized FolderSender sender() {
            FolderSender made = sender;
            if (made == null) {
                made = new FolderSender();
                made.setFolder(text("folder"));
                made.setCamelContext(context);
                made.setAddress(text("to"));
                made.setOptions(text("options"));
                made.setTarget(text("target"));
                made.setDelete(Boolean.parseBoolean(text("delete")));
                made.setHash(text("hash"));
                made.setBlockBytes(Integer.parseInt(text("block.bytes")));
                made.setBytesPerSecond(Long.parseLong(text("bandwidth.bytesPerSecond")));
                made.setAppendOnly(text("appendOnly"));
                made.setEntriesMax(Integer.parseInt(text("entries.max")));
                made.setGiveUpMs(Long.parseLong(text("giveUpMs")));
                made.setCompress(Boolean.parseBoolean(text("compress")));
                try {
                    made.check();
                } catch (Exception e) {
                    throw RuntimeCamelException.wrapRuntimeCamelException(e);
                }
                sender = made;
            }
            return made;
        }

        private synchronized FolderReceiver receiver() {
            FolderReceiver made = receiver;
            if (made == null) {
                made = new FolderReceiver();
                made.setFolder(text("into"));
                made.setSync(Boolean.parseBoolean(text("sync")));
                made.setDelete(Boolean.parseBoolean(text("receive.delete")));
                made.setWindowBytes(Long.parseLong(text("window.bytes")));
                made.setSessionsMax(Integer.parseInt(text("senders.max")));
                made.setEntriesMax(Integer.parseInt(text("entries.max")));
                made.setFileBytesMax(Long.parseLong(text("file.bytesMax")));
                made.setIdleMs(Long.parseLong(text("idleMs")));
                made.setCamelContext(context);
                receiver = made;
            }
            return made;
        }

        private RsyncArguments rsync() {
            return new RsyncArguments(text("folder"), text("rsync.to"), text("rsync.ssh"), text("rsync.args"));
        }

        private String text(String key) {
            return context.resolvePropertyPlaceholders("{{" + KEYS + key + "}}").strip();
        }
    }
}
