package io.bactrian.ship.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.bactrian.wire.FrameWriter;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sender that is admitted may still send anything. */
@Tag("slow")
class HostileSenderTest {
    private static final FileTimeStamp TIME = new FileTimeStamp(1_600_000_000, 0);
    private static final byte[] NO_DIGEST = new byte[32];

    @TempDir
    Path folder;

    private final List<ShipErrorCode> refused = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final List<String> finished = new ArrayList<>();
    private Path into;
    private ShipReceiver receiver;
    private int requests;
    private long session = 7;

    @BeforeEach
    void open() throws IOException {
        into = Files.createDirectories(folder.resolve("a/into"));
        Files.writeString(folder.resolve("secret"), "untouched");
        receiver = receiver(ReceiverSettings.usual());
    }

    private ShipReceiver receiver(ReceiverSettings settings) {
        return new ShipReceiver(into, settings, new ShipEvents() {
            @Override
            public void received(String name) {}

            @Override
            public void refused(ShipErrorCode cause, String text) {
                refused.add(cause);
                reasons.add(text);
            }

            @Override
            public void finished(String target, long deleted) {
                finished.add(target);
            }
        });
    }

    @AfterEach
    void nothingOutsideWasTouched() throws IOException {
        receiver.close();
        assertThat(folder.resolve("secret")).hasContent("untouched");
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("a", "secret");
        }
        try (var files = Files.list(folder.resolve("a"))) {
            assertThat(files).hasSize(1);
        }
    }

    private Frame ask(Frame.Request request) {
        byte[] answer = receiver.receive(ShipFrames.encode(session, ++requests, request, Packing.RAW), 0);
        if (answer == null) {
            return null;
        }
        try {
            return ShipFrames.decode(answer).frame();
        } catch (ShipException e) {
            throw new IllegalStateException(e.text(), e);
        }
    }

    private void openSession() {
        assertThat(ask(new Frame.Open("", FileHash.Kind.SHA256, 1, 1))).isInstanceOf(Frame.Opened.class);
    }

    private Frame list(FolderEntry... entries) {
        return ask(new Frame.ListPart(0, true, List.of(entries)));
    }

    private static FolderEntry file(String name, long size) {
        return new FolderEntry(name, 0, size, TIME);
    }

    private static FolderEntry directory(String name) {
        return new FolderEntry(name, FolderEntry.FOLDER, 0, TIME);
    }

    private static ShipErrorCode cause(Frame frame) {
        return frame instanceof Frame.Refused answer
                ? answer.cause()
                : frame instanceof Frame.Failed failed ? failed.cause() : null;
    }

    private static Frame.Patch whole(int index, FrameWriter raw, long size, byte[] digest) {
        return new Frame.Patch(
                index, 0, Frame.NEW, 0, true, new Frame.Finish(size, TIME, digest), raw.array(), 0, raw.size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                "../secret",
                "../../secret",
                "/etc/x",
                "x/../../secret",
                ".",
                "./x",
                "x//y",
                "x/",
                "",
                "x\0y",
                ".bactrian-ship",
                ".bactrian-ship/lock",
                ".BACTRIAN-SHIP/x",
                ".Bactrian-Ship. ./x"
            })
    void namesThatLeaveTheFolderEndTheSession(String name) {
        openSession();
        assertThat(cause(list(file(name, 1)))).isEqualTo(ShipErrorCode.BAD_NAME);
        assertThat(refused).containsExactly(ShipErrorCode.BAD_NAME);
        assertThat(cause(ask(new Frame.Close(1, true)))).isEqualTo(ShipErrorCode.UNKNOWN_SESSION);
    }

    @Test
    void namesThatAreTooLongOrTooDeepEndTheSession() {
        openSession();
        assertThat(cause(list(file("x".repeat(256), 1)))).isEqualTo(ShipErrorCode.BAD_NAME);
        openSession();
        assertThat(cause(list(file("x/".repeat(300) + "x", 1)))).isEqualTo(ShipErrorCode.BAD_NAME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/x", "a/../../x", ".bactrian-ship"})
    void theTargetStaysBelowTheFolderToo(String target) {
        assertThat(cause(ask(new Frame.Open(target, FileHash.Kind.SHA256, 1, 1))))
                .isEqualTo(ShipErrorCode.BAD_NAME);
    }

    @Test
    void aTargetMakesNoLinesInALog() {
        assertThat(ask(new Frame.Open("x\nERROR y", FileHash.Kind.SHA256, 1, 1)))
                .isInstanceOf(Frame.Opened.class);
        list();
        assertThat(ask(new Frame.Close(0, true))).isInstanceOf(Frame.Closed.class);
        assertThat(finished).containsExactly("x?ERROR y");
    }

    @Test
    void aLinkInTheFolderIsNeverFollowed() throws IOException {
        assumeThat(File.separatorChar).isEqualTo('/');
        Files.createSymbolicLink(into.resolve("dir"), folder);
        Files.createSymbolicLink(into.resolve("file"), folder.resolve("secret"));
        openSession();
        Frame listed = list(directory("dir"), file("dir/secret", 1), file("file", 1));
        assertThat(((Frame.Listed) listed).wanted())
                .allSatisfy(wanted -> assertThat(wanted.baseBytes()).isEqualTo(-1));
        FileHash hash = FileHash.of(FileHash.Kind.SHA256);
        hash.update(new byte[] {65}, 0, 1);
        for (int index = 1; index <= 2; index++) {
            FrameWriter raw = new FrameWriter(8).num(1 << 2).u8(65);
            assertThat(ask(whole(index, raw, 1, hash.digest()))).isEqualTo(new Frame.Done(index));
        }
        assertThat(into.resolve("dir")).isDirectory();
        assertThat(Files.isSymbolicLink(into.resolve("dir"))).isFalse();
        assertThat(into.resolve("dir/secret")).hasContent("A");
        assertThat(into.resolve("file")).hasContent("A");
    }

    @Test
    void aLinkThatComesAfterTheListIsNotFollowedEither() throws IOException {
        assumeThat(File.separatorChar).isEqualTo('/');
        Files.createDirectories(into.resolve("dir/a"));
        Files.writeString(into.resolve("dir/a/into"), "old");
        openSession();
        list(directory("dir"), directory("dir/a"), file("dir/a/into", 1), file("dir/a/new", 1));
        Files.move(into.resolve("dir"), into.resolve("moved"));
        Files.createSymbolicLink(into.resolve("dir"), folder);
        FileHash hash = FileHash.of(FileHash.Kind.SHA256);
        hash.update(new byte[] {65}, 0, 1);
        FrameWriter raw = new FrameWriter(8).num(1 << 2).u8(65);
        assertThat(cause(ask(whole(3, raw, 1, hash.digest())))).isEqualTo(ShipErrorCode.IN_THE_WAY);
        assertThat(cause(ask(new Frame.Sign(2, 512, 16, 0, 1)))).isEqualTo(ShipErrorCode.IN_THE_WAY);
        assertThat(ask(new Frame.Close(4, false))).isInstanceOf(Frame.Closed.class);
    }

    @Test
    void aLinkIsInTheWayWhereNothingMayBeDeleted() throws IOException {
        assumeThat(File.separatorChar).isEqualTo('/');
        receiver.close();
        receiver = receiver(new ReceiverSettings(true, false, 1 << 20, 1, 100, 1 << 20, 8, 1000));
        Files.createSymbolicLink(into.resolve("dir"), folder);
        openSession();
        Frame.Listed listed = (Frame.Listed) list(directory("dir"), file("dir/secret", 1));
        assertThat(listed.wanted()).isEmpty();
        assertThat(listed.refused())
                .containsExactly(
                        new Frame.Refusal(0, ShipErrorCode.IN_THE_WAY), new Frame.Refusal(1, ShipErrorCode.IN_THE_WAY));
    }

    @Test
    void whatIsRefusedIsNamedInOneLine() {
        openSession();
        list(file("a\nb\u001b[2J", 1L << 60));
        assertThat(reasons).singleElement().asString().startsWith("a?b?[2J: the file is larger than ");
    }

    @Test
    void aPipeIsReplacedAndNotOpened() throws IOException, InterruptedException {
        assumeThat(File.separatorChar).isEqualTo('/');
        new ProcessBuilder("mkfifo", into.resolve("pipe").toString()).start().waitFor(60, TimeUnit.SECONDS);
        openSession();
        Frame.Listed listed = (Frame.Listed) list(file("pipe", 1));
        assertThat(listed.wanted().get(0).baseBytes()).isEqualTo(-1);
        assertThat(cause(ask(new Frame.Sign(0, 512, 16, 0, 1)))).isEqualTo(ShipErrorCode.BASE_CHANGED);
        FileHash hash = FileHash.of(FileHash.Kind.SHA256);
        hash.update(new byte[] {65}, 0, 1);
        assertThat(ask(whole(0, new FrameWriter(8).num(1 << 2).u8(65), 1, hash.digest())))
                .isEqualTo(new Frame.Done(0));
        assertThat(into.resolve("pipe")).isRegularFile().hasContent("A");
    }

    @Test
    void aWrongHashLeavesTheOldFile() throws IOException {
        Files.writeString(into.resolve("file"), "old");
        openSession();
        list(file("file", 1));
        FrameWriter raw = new FrameWriter(8).num(1 << 2).u8(65);
        assertThat(cause(ask(whole(0, raw, 1, NO_DIGEST)))).isEqualTo(ShipErrorCode.VERIFY_FAILED);
        assertThat(into.resolve("file")).hasContent("old");
    }

    @Test
    void sizesAndPlacesAreBounded() throws IOException {
        Files.writeString(into.resolve("file"), "old content");
        openSession();
        list(file("file", 1));
        assertThat(cause(ask(whole(0, new FrameWriter(8).num((1L << 50) << 2 | Ops.ZEROS), 1, NO_DIGEST))))
                .isEqualTo(ShipErrorCode.TOO_LARGE);
        Frame.Request[] wrong = {
            whole(0, new FrameWriter(8).num(5 << 2 | Ops.COPY).signed(8), 5, NO_DIGEST),
            whole(0, new FrameWriter(8).num(5 << 2 | Ops.COPY).signed(-1), 5, NO_DIGEST),
            whole(0, new FrameWriter(8).num(99 << 2), 5, NO_DIGEST),
            whole(0, new FrameWriter(8).num(5 << 2 | 3), 5, NO_DIGEST),
            new Frame.Sign(0, 512, 16, 0, 1 << 20),
            new Frame.Sign(0, 500, 16, 0, 1),
            new Frame.Sign(0, 1, 1, 0, 1),
            new Frame.Sign(0, 512, 16, 1, 1),
            new Frame.Prove(0, Frame.BASE, 1L << 60),
            new Frame.Prove(5, Frame.BASE, 1),
            new Frame.Close(7, true)
        };
        for (Frame.Request request : wrong) {
            requests++;
            session++;
            receiver.expire(1_000_000);
            openSession();
            list(file("file", 1));
            Frame answer = ask(request);
            assertThat(answer == null || cause(answer) == ShipErrorCode.MALFORMED)
                    .as("%s answered by %s", request, answer)
                    .isTrue();
            receiver.expire(1_000_000);
        }
        assertThat(into.resolve("file")).hasContent("old content");
    }

    @Test
    void listsAreBoundedAndSorted() throws IOException {
        receiver.close();
        receiver = receiver(new ReceiverSettings(true, true, 1 << 20, 2, 2, 1000, 8, 1000));
        openSession();
        assertThat(cause(list(file("a", 1), file("b", 1), file("c", 1)))).isEqualTo(ShipErrorCode.TOO_MANY_ENTRIES);
        openSession();
        assertThat(cause(list(file("b", 1), file("a", 1)))).isEqualTo(ShipErrorCode.MALFORMED);
        openSession();
        assertThat(cause(list(file("a", 1), file("a", 1)))).isEqualTo(ShipErrorCode.MALFORMED);
        openSession();
        Frame.Listed listed = (Frame.Listed) list(file("big", 1001), file("no/parent", 1));
        assertThat(listed.refused())
                .containsExactly(
                        new Frame.Refusal(0, ShipErrorCode.TOO_LARGE), new Frame.Refusal(1, ShipErrorCode.IN_THE_WAY));
    }

    @Test
    void sendersAreBounded() throws IOException {
        receiver.close();
        receiver = receiver(new ReceiverSettings(true, true, 1 << 20, 2, 2, 1000, 8, 1000));
        for (int i = 0; i < 2; i++) {
            session = 100 + i;
            assertThat(ask(new Frame.Open("s" + i, FileHash.Kind.SHA256, 1, 1))).isInstanceOf(Frame.Opened.class);
        }
        session = 102;
        assertThat(cause(ask(new Frame.Open("s2", FileHash.Kind.SHA256, 1, 1))))
                .isEqualTo(ShipErrorCode.TOO_MANY_SESSIONS);
        session = 103;
        assertThat(cause(ask(new Frame.Open("s0", FileHash.Kind.SHA256, 1, 1)))).isEqualTo(ShipErrorCode.BUSY);
        assertThat(receiver.sessions()).isEqualTo(2);
    }

    @Test
    void theFoldersThatAreKeptOpenAreBounded() throws IOException {
        assumeThat(Files.isDirectory(Path.of("/proc/self/fd"))).isTrue();
        receiver.close();
        receiver = receiver(new ReceiverSettings(true, true, 1 << 20, 4, 2, 1000, 8, 1000));
        for (int i = 0; i < 100; i++) {
            session = 200 + i;
            assertThat(ask(new Frame.Open("s" + i, FileHash.Kind.SHA256, 1, 1))).isInstanceOf(Frame.Opened.class);
            list();
            ask(new Frame.Close(0, true));
        }
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            String here = into.toRealPath().toString();
            assertThat(open.filter(fd -> leadsBelow(fd, here))).hasSizeBetween(1, 4);
        }
    }

    @Test
    void listsAreForgottenWhenTheirRoundHasEnded() {
        String deep = ("a".repeat(254) + '/').repeat(15);
        long before = usedBytes();
        for (int i = 0; i < 16; i++) {
            session = 300 + i;
            openSession();
            FolderEntry[] entries = new FolderEntry[1_000];
            Arrays.setAll(entries, entry -> file(deep + (1_000 + entry), 1));
            assertThat(list(entries)).isInstanceOf(Frame.Listed.class);
            Frame.Close close = new Frame.Close(entries.length, true);
            assertThat(ask(close)).isInstanceOf(Frame.Closed.class);
            assertThat(ask(close)).as("the answer again").isInstanceOf(Frame.Closed.class);
            assertThat(list(entries)).as("what comes late").isNull();
        }
        assertThat(receiver.sessions()).isEqualTo(16);
        assertThat(usedBytes() - before).isLessThan(20L << 20);
    }

    private static long usedBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static boolean leadsBelow(Path fd, String folder) {
        try {
            return Files.readSymbolicLink(fd).toString().startsWith(folder);
        } catch (IOException e) {
            // It was closed meanwhile.
            return false;
        }
    }

    @Test
    void anythingAtAllIsSurvived() {
        Random random = new Random(5);
        byte[][] good = {
            ShipFrames.encode(1, 1, new Frame.Open("x", FileHash.Kind.SHA256, 1, 7), Packing.RAW),
            ShipFrames.encode(1, 2, new Frame.ListPart(0, true, List.of(file("a", 10), file("b", 20))), Packing.ZSTD),
            ShipFrames.encode(1, 3, new Frame.Sign(0, 512, 4, 0, 1), Packing.RAW),
            ShipFrames.encode(1, 4, new Frame.Prove(1, 2, 9), Packing.RAW),
            ShipFrames.encode(1, 5, whole(1, new FrameWriter(8).num(1 << 2).u8(1), 1, NO_DIGEST), Packing.RAW),
            ShipFrames.encode(1, 6, new Frame.Drop(1), Packing.RAW),
            ShipFrames.encode(1, 7, new Frame.Close(2, true), Packing.RAW)
        };
        for (int i = 0; i < 200_000; i++) {
            byte[] frame = good[random.nextInt(good.length)].clone();
            int changes = random.nextInt(4);
            for (int change = 0; change < changes; change++) {
                frame[3 + random.nextInt(frame.length - 3)] = (byte) random.nextInt();
            }
            if (random.nextInt(10) == 0) {
                frame = java.util.Arrays.copyOf(frame, random.nextInt(frame.length + 1));
            }
            byte[] answer = receiver.receive(frame, i);
            assertThat(answer == null || answer.length < 2000).isTrue();
        }
        assertThat(refused).contains(ShipErrorCode.MALFORMED, ShipErrorCode.UNKNOWN_SESSION);
        assertThat(receiver.receive("hello".getBytes(StandardCharsets.US_ASCII), 0))
                .isNull();
        assertThat(receiver.receive(new byte[0], 0)).isNull();
    }
}
