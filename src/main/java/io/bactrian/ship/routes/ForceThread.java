package io.bactrian.ship.routes;

import io.bactrian.ship.core.EarlyForce;
import io.bactrian.support.file.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Forces files on a thread of its own. */
final class ForceThread implements EarlyForce {
    private final ExecutorService executor;

    ForceThread(ExecutorService executor) {
        this.executor = executor;
    }

    @Override
    public Forcing begin(FileChannel file) {
        Future<?> task = executor.submit(() -> {
            DurableFiles.forceContent(file);
            return null;
        });
        return new Forcing() {
            @Override
            public boolean ended() {
                return task.isDone();
            }

            @Override
            public void await() throws IOException {
                try {
                    task.get();
                } catch (ExecutionException e) {
                    throw new IOException("the disk failed: " + e.getCause(), e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted while the disk was waited for", e);
                }
            }
        };
    }
}
