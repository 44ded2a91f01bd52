package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A receiver on a file system that does not tell cases apart. It finds that out by its own lock file, which is there in
 * capitals too, so a test can make it think so anywhere; two names of one file are a hard link then.
 */
class CaselessTest {
    @TempDir
    Path folder;

    private Path from;
    private Path into;
    private Shipped shipped;

    @BeforeEach
    void open() throws IOException {
        assumeThat(File.separatorChar).isEqualTo('/');
        from = Files.createDirectories(folder.resolve("from"));
        into = folder.resolve("into");
        Files.createDirectories(into.resolve(Names.PRIVATE));
        Files.createFile(into.resolve(Names.PRIVATE).resolve("LOCK"));
        shipped = new Shipped(from, into);
    }

    @AfterEach
    void close() throws IOException {
        shipped.close();
    }

    @Test
    void ofNamesThatDifferOnlyInCaseTheFirstIsShippedAndTheOthersAreTold() throws IOException {
        Files.writeString(from.resolve("File"), "1");
        Files.writeString(from.resolve("file"), "2");
        Files.createDirectory(from.resolve("Dir"));
        Files.createDirectory(from.resolve("dir"));
        Files.writeString(from.resolve("Dir/x"), "3");
        Files.writeString(from.resolve("dir/x"), "4");
        ShipSummary summary = shipped.ship();
        assertThat(summary.problems())
                .containsExactlyInAnyOrder(
                        "dir: refused by the receiver: name-collision",
                        "dir/x: refused by the receiver: in-the-way",
                        "file: refused by the receiver: name-collision");
        assertThat(Shipped.tree(into)).containsOnlyKeys("Dir/", "Dir/x", "File");
        assertThat(into.resolve("File")).hasContent("1");
    }

    @Test
    void alsoWhenTheListComesTwice() throws IOException {
        Files.writeString(from.resolve("File"), "1");
        Files.writeString(from.resolve("file"), "2");
        // The first answer to the list is lost, so it is sent again.
        ShipSender sender = shipped.sender();
        shipped.exchange(sender);
        byte[] list = sender.next(shipped.nowMs).get(0);
        shipped.receiver.receive(list, shipped.nowMs);
        while (!sender.done()) {
            shipped.exchange(sender);
        }
        assertThat(sender.summary().repeated()).isPositive();
        assertThat(sender.summary().problems()).containsExactly("file: refused by the receiver: name-collision");
        assertThat(into.resolve("File")).hasContent("1");
    }

    @Test
    void whatIsListedInAnotherCaseIsNotDeleted() throws IOException {
        Files.createDirectory(into.resolve("DIR"));
        Files.writeString(into.resolve("DIR/FILE"), "1");
        Files.writeString(into.resolve("OLD"), "goes");
        Files.createDirectory(from.resolve("dir"));
        Files.writeString(from.resolve("dir/file"), "1");
        ShipSummary summary = shipped.ship();
        assertThat(summary.deleted()).isEqualTo(1);
        assertThat(Shipped.tree(into).keySet()).contains("dir/file", "DIR/FILE").doesNotContain("OLD");
    }
}
