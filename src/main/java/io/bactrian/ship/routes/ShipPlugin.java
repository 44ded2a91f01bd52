package io.bactrian.ship.routes;

import io.bactrian.support.config.SettingsReader;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.ContextServicePlugin;
import org.jspecify.annotations.Nullable;

/**
 * Gives any CamelContext that has this jar the beans of the routes in {@code routes/ship/}, set by the properties that
 * begin with {@code bactrian.ship.}. Camel finds it by itself. Nothing is opened until a route uses one of the beans.
 */
public final class ShipPlugin implements ContextServicePlugin {
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
                SettingsReader in = settings();
                made = new FolderSender();
                made.setFolder(in.text("folder"));
                made.setCamelContext(context);
                made.setAddress(in.text("to"));
                made.setOptions(in.text("options"));
                made.setTarget(in.text("target"));
                made.setDelete(in.isTrue("delete"));
                made.setHash(in.text("hash"));
                made.setBlockBytes(in.number("block.bytes", 0));
                made.setBytesPerSecond(in.number("bandwidth.bytesPerSecond", 0L, Long.MAX_VALUE));
                made.setAppendOnly(in.text("appendOnly"));
                made.setEntriesMax(in.number("entries.max", 1));
                made.setGiveUpMs(in.number("giveUpMs", 1L, Long.MAX_VALUE));
                made.setCompress(in.isTrue("compress"));
                in.check();
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
                SettingsReader in = settings();
                made = new FolderReceiver();
                made.setFolder(in.text("into"));
                made.setSync(in.isTrue("sync"));
                made.setDelete(in.isTrue("receive.delete"));
                made.setWindowBytes(in.number("window.bytes", 65_536L, Long.MAX_VALUE));
                made.setSessionsMax(in.number("senders.max", 1));
                made.setEntriesMax(in.number("entries.max", 1));
                made.setFileBytesMax(in.number("file.bytesMax", 1L, Long.MAX_VALUE));
                made.setIdleMs(in.number("idleMs", 1L, Long.MAX_VALUE));
                in.check();
                made.setCamelContext(context);
                receiver = made;
            }
            return made;
        }

        private RsyncArguments rsync() {
            SettingsReader in = settings();
            return new RsyncArguments(
                    in.text("folder"), in.text("rsync.to"), in.text("rsync.ssh"), in.text("rsync.args"));
        }

        private SettingsReader settings() {
            return new SettingsReader(context, "the shipping", "bactrian.ship.");
        }
    }
}
