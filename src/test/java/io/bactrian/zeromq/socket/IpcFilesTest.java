package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class IpcFilesTest {
    @TempDir
    Path folder;

    @Test
    void aPathThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> IpcFiles.check("ipc://" + "/x".repeat(54)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("108 octets");
        assertThatThrownBy(() -> IpcFiles.check("ipc:///" + "ü".repeat(54))).hasMessageContaining("109 octets");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theLongestPathThatJavaCanBindIsTaken() throws IOException {
        int rest = 106 - folder.resolve("x").toString().length() + 1;
        String longest = folder.resolve("x".repeat(rest)).toString();
        IpcFiles.check("ipc://" + longest);
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(longest));
            assertThatThrownBy(() -> IpcFiles.check("ipc://" + longest + "x")).hasMessageContaining("107 octets");
        }
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
