package io.bactrian.support.text;

import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Describes the refusals of a file system in words for a person and with what to do. Java's own message is often
 * nothing but the name of the
 * file, and says the rest by the name of a class. Any thread.
 */
public final class FileErrors {
    private FileErrors() {}

    /** One line, which names the file if Java does; of what is no trouble with files, its message. */
    public static String say(Throwable e) {
        if (e instanceof UncheckedIOException && e.getCause() != null) {
            return say(e.getCause());
        }
        if (e instanceof FileSystemException refused && refused.getFile() != null) {
            String other = refused.getOtherFile() == null ? "" : " to " + refused.getOtherFile();
            return refused.getFile() + other + ": " + why(refused);
        }
        return why(e);
    }

    /** The same for a message that names the file itself. */
    public static String why(Throwable e) {
        if (e instanceof FileSystemException refused) {
            return why(refused);
        }
        if (e instanceof CharacterCodingException) {
            return "it is no text in UTF-8";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String why(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied to user " + System.getProperty("user.name")
                    + "; give it the right, or name another place";
        } else if (e instanceof NoSuchFileException) {
            return "there is no such file or folder";
        } else if (e instanceof FileAlreadyExistsException) {
            return "it is there already; move it away, or name another place";
        } else if (e instanceof NotDirectoryException) {
            return "it is no folder";
        } else if (e instanceof DirectoryNotEmptyException) {
            return "the folder is not empty";
        }
        return e.getReason() == null ? "refused (" + e.getClass().getSimpleName() + ")" : e.getReason();
    }
}
