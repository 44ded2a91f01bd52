package io.bactrian.journal.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A file system in memory that knows what is on its disk and what is not yet, and can run out of room and fail syncs.
 *
 * <p>After a sync that failed it behaves as Linux does: what should have been written counts as clean and will never be,
 * unless it is written again.
 */
final class MemoryFiles implements JournalFiles {
    private static final int SECTOR_BYTES = 512;

    private final Map<Path, Node> names = new TreeMap<>();
    private final Map<Path, Node> namesOnDisk = new TreeMap<>();
    private final Set<Path> locks = new HashSet<>();
    private long room = Long.MAX_VALUE;
    private int syncsToFail;
    private boolean writesFail;
    private boolean readsFail;
    private int stepsLeft = Integer.MAX_VALUE;
    private int steps;

    private static final class Node {
        private byte[] content = new byte[0];
        private byte[] onDisk = new byte[0];
        private final Set<Integer> dirtySectors = new HashSet<>();
        private final Set<Integer> refused = new HashSet<>();
        private boolean sizeDirty;

        Node copyOf(byte[] bytes) {
            Node copy = new Node();
            copy.refused.addAll(refused);
            copy.content = bytes.clone();
            copy.onDisk = bytes.clone();
            return copy;
        }
    }

    /** From now on this many bytes can be written beyond what there is. */
    private volatile Runnable beforeDelete = () -> {};

    synchronized void room(long bytes) {
        room = bytes;
    }

    void beforeDelete(Runnable work) {
        beforeDelete = work;
    }

    synchronized void failSyncs(int times) {
        syncsToFail = times;
    }

    synchronized void failWrites(boolean fail) {
        writesFail = fail;
    }

    synchronized void failReads(boolean fail) {
        readsFail = fail;
    }

    /** From now on this many changes of files, names and disk work, and then none. */
    synchronized void stopAfter(int changes) {
        stepsLeft = changes;
    }

    /** Changes that were made since the beginning. */
    synchronized int steps() {
        return steps;
    }

    private void step() throws IOException {
        if (stepsLeft <= 0) {
            throw new IOException("stopped");
        }
        stepsLeft--;
        steps++;
    }

    /** What another process finds when this one has been killed: everything that was written. */
    synchronized MemoryFiles afterKill() {
        MemoryFiles after = new MemoryFiles();
        names.forEach((path, node) -> after.put(path, node.copyOf(node.content)));
        return after;
    }

    /** What the machine finds after a power cut: what was synced, and of the rest any sectors. */
    synchronized MemoryFiles afterPowerCut(Random random) {
        MemoryFiles after = new MemoryFiles();
        namesOnDisk.forEach((path, node) -> after.put(path, node.copyOf(survivor(node, random))));
        return after;
    }

    private static byte[] survivor(Node node, Random random) {
        int shorter = Math.min(node.onDisk.length, node.content.length);
        int longer = Math.max(node.onDisk.length, node.content.length);
        int size = !node.sizeDirty || random.nextInt(4) == 0
                ? node.onDisk.length
                : shorter + random.nextInt(longer - shorter + 1);
        byte[] bytes = Arrays.copyOf(node.onDisk, size);
        for (int sector : node.dirtySectors) {
            if (random.nextBoolean()) {
                int from = sector * SECTOR_BYTES;
                int to = Math.min(Math.min(from + SECTOR_BYTES, size), node.content.length);
                if (to > from) {
                    System.arraycopy(node.content, from, bytes, from, to - from);
                }
            }
        }
        return bytes;
    }

    private synchronized void put(Path path, Node node) {
        names.put(path, node);
        namesOnDisk.put(path, node);
    }

    synchronized byte[] bytes(Path path) {
        return get(names, path).content.clone();
    }

    /** The disk turns one bit of a byte, also under those who have the file open. */
    synchronized void flip(Path path, int at) {
        Node node = get(names, path);
        node.content[at] ^= (byte) (1 << (at % 8));
        node.onDisk[at] ^= (byte) (1 << (at % 8));
    }

    /** From now on the disk does not give the sector that holds a byte; other sectors, and a new file, it does. */
    synchronized void refuse(Path path, int at) {
        get(names, path).refused.add(at / SECTOR_BYTES);
    }

    synchronized void replace(Path path, byte[] bytes) {
        put(path, new Node().copyOf(bytes));
    }

    synchronized void remove(Path path) {
        names.remove(path);
        namesOnDisk.remove(path);
    }

    private static Node get(Map<Path, Node> names, Path path) {
        Node node = names.get(path);
        if (node == null) {
            throw new IllegalArgumentException("no " + path);
        }
        return node;
    }

    @Override
    public void createFolder(Path folder) {}

    @Override
    public synchronized boolean exists(Path file) {
        return names.containsKey(file);
    }

    @Override
    public synchronized List<String> list(Path folder) {
        return names.keySet().stream()
                .filter(path -> folder.equals(path.getParent()))
                .map(path -> String.valueOf(path.getFileName()))
                .sorted()
                .toList();
    }

    @Override
    public synchronized byte[] readAll(Path file) throws IOException {
        failIfRefused(get(names, file), 0, get(names, file).content.length);
        return bytes(file);
    }

    private static void failIfRefused(Node node, long from, long length) throws IOException {
        for (int sector : node.refused) {
            if (sector * SECTOR_BYTES < from + length && (sector + 1) * SECTOR_BYTES > from) {
                throw new IOException("Input/output error");
            }
        }
    }

    @Override
    public synchronized JournalFile create(Path file) throws IOException {
        step();
        if (room == 0) {
            throw new IOException(file + ": No space left on device");
        }
        Node node = new Node();
        names.put(file, node);
        return new Handle(node);
    }

    @Override
    public synchronized JournalFile open(Path file, boolean readOnly) throws IOException {
        Node node = names.get(file);
        if (node == null) {
            throw new NoSuchFileException(file.toString());
        }
        return new Handle(node);
    }

    @Override
    public synchronized void rename(Path source, Path target) throws IOException {
        step();
        names.put(target, get(names, source));
        names.remove(source);
    }

    @Override
    public void delete(Path file) throws IOException {
        beforeDelete.run();
        deleteNow(file);
    }

    private synchronized void deleteNow(Path file) throws IOException {
        step();
        names.remove(file);
    }

    @Override
    public synchronized void forceFolder(Path folder) throws IOException {
        step();
        failIfTold();
        Map<Path, Node> there = new HashMap<>(names);
        there.keySet().removeIf(path -> !folder.equals(path.getParent()));
        namesOnDisk.keySet().removeIf(path -> folder.equals(path.getParent()));
        namesOnDisk.putAll(there);
    }

    @Override
    public synchronized Closeable lock(Path file) {
        if (!locks.add(file)) {
            throw new JournalLockedException(file + " is locked");
        }
        return () -> {
            synchronized (this) {
                locks.remove(file);
            }
        };
    }

    private void failIfTold() throws IOException {
        if (syncsToFail > 0) {
            syncsToFail--;
            throw new IOException("Input/output error");
        }
    }

    private final class Handle implements JournalFile {
        private final Node node;

        Handle(Node node) {
            this.node = node;
        }

        @Override
        public long size() {
            synchronized (MemoryFiles.this) {
                return node.content.length;
            }
        }

        @Override
        public void write(ByteBuffer source, long offset) throws IOException {
            synchronized (MemoryFiles.this) {
                step();
                if (writesFail) {
                    throw new IOException("Input/output error");
                }
                int growth = (int) Math.max(0, offset + source.remaining() - node.content.length);
                boolean full = growth > room;
                int length = full ? (int) Math.max(0, source.remaining() - growth + room) : source.remaining();
                int end = (int) offset + length;
                if (end > node.content.length) {
                    room -= end - node.content.length;
                    node.content = Arrays.copyOf(node.content, end);
                    node.sizeDirty = true;
                }
                source.get(node.content, (int) offset, length);
                for (int sector = (int) offset / SECTOR_BYTES; sector * SECTOR_BYTES < end; sector++) {
                    node.dirtySectors.add(sector);
                }
                if (full) {
                    throw new IOException("No space left on device");
                }
            }
        }

        @Override
        public int read(ByteBuffer target, long offset) throws IOException {
            synchronized (MemoryFiles.this) {
                if (readsFail) {
                    throw new IOException("Input/output error");
                }
                int length = (int) Math.max(0, Math.min(target.remaining(), node.content.length - offset));
                failIfRefused(node, offset, length);
                if (length > 0) {
                    target.put(node.content, (int) offset, length);
                }
                return length;
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (MemoryFiles.this) {
                step();
                try {
                    failIfTold();
                } catch (IOException e) {
                    node.dirtySectors.clear(); // never written, and never told again
                    throw e;
                }
                byte[] disk = Arrays.copyOf(node.onDisk, node.content.length);
                for (int sector : node.dirtySectors) {
                    int from = sector * SECTOR_BYTES;
                    int to = Math.min(from + SECTOR_BYTES, disk.length);
                    if (to > from) {
                        System.arraycopy(node.content, from, disk, from, to - from);
                    }
                }
                node.onDisk = disk;
                node.dirtySectors.clear();
                node.sizeDirty = false;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (MemoryFiles.this) {
                step();
                if (size < node.content.length) {
                    room = room == Long.MAX_VALUE ? room : room + node.content.length - size;
                    node.content = Arrays.copyOf(node.content, (int) size);
                    node.sizeDirty = true;
                    node.dirtySectors.add((int) size / SECTOR_BYTES);
                }
            }
        }

        @Override
        public void close() {}
    }
}
