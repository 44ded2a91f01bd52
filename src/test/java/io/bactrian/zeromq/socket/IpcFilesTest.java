package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import zmq.io.net.ipc.IpcAddress;

class IpcFilesTest {
    @TempDir
    Path folder;

    /** As JeroMQ's class for older versions of Java is, which a jar without Multi-Release has. */
    private static final class TcpInPlaceOfIpc {
        @SuppressWarnings("unused")
        private final InetSocketAddress address = new InetSocketAddress(0);
    }

    @Test
    void aJarWithoutItsMultiReleaseClassesIsSeen() throws IOException {
        assertThat(IpcFiles.isReal(TcpInPlaceOfIpc.class)).isFalse();
        assertThat(IpcFiles.isReal(IpcAddress.class)).isTrue();
        IpcFiles.check("ipc:///tmp/short");
        IpcFiles.check("tcp://127.0.0.1:1");
    }

    @Test
    void aPathThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> IpcFiles.check("ipc://" + "/x".repeat(54)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("108 octets");
        assertThatThrownBy(() -> IpcFiles.check("ipc:///" + "ü".repeat(54))).hasMessageContaining("109 octets");
    }

    @Test
    void onlyTheFileOfASocketThatNobodyListensOnIsRemoved() throws IOException {
        Path stale = folder.resolve("stale");
        ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        killed.bind(UnixDomainSocketAddress.of(stale));
        killed.close();
        assertThat(stale).exists();
        IpcFiles.removeStale("ipc://" + stale);
        assertThat(stale).doesNotExist();

        Path live = folder.resolve("live");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(live));
            IpcFiles.removeStale("ipc://" + live);
            assertThat(live).exists();
        }
        Path regular = Files.writeString(folder.resolve("regular"), "content");
        IpcFiles.removeStale("ipc://" + regular);
        assertThat(regular).hasContent("content");
        IpcFiles.removeStale("ipc://" + folder.resolve("absent"));
    }
}
