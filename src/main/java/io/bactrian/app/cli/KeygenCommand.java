package io.bactrian.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.app.CommandFailedException;
import io.bactrian.app.ExitCode;
import io.bactrian.support.file.DurableFiles;
import io.bactrian.support.text.FileErrors;
import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bactrian keygen [--name NAME] [--output FOLDER] [--force]}. */
@Command(
        name = "keygen",
        description = {
            "Makes a pair of CURVE keys: NAME.key is the public certificate for the peers, and NAME.key_secret the own"
                    + " one with both keys, which only its owner may read.",
            "Prints the public key and its fingerprint, as logs show it."
        })
public final class KeygenCommand implements Callable<Integer> {
    private static final String PUBLIC_MODE = "rw-r--r--";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What the files are called; default: ${DEFAULT-VALUE}.")
    private String name = "bactrian";

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            description = "Where the files are written, made if need be; default: here.")
    private Path output = Path.of("");

    @Option(names = "--force", description = "Replace the files if they are there; the old keys are then lost.")
    private boolean force;

    @Override
    public Integer call() {
        if (!name.matches("[\\w][\\w.@-]*")) {
            throw new ParameterException(
                    spec.commandLine(), "--name must have letters, digits and . _ - @ and no path, not: " + name);
        }
        Path open = output.resolve(name + ".key");
        Path secret = output.resolve(name + ".key_secret");
        CurveKeys keys = CurveKeys.generate();
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("name", name);
        metadata.put("created", Instant.now().toString());
        try {
            Files.createDirectories(output.toAbsolutePath());
            write(secret, CurveCertificate.secretText(keys, metadata), DurableFiles.PRIVATE, Files.exists(open));
            write(open, CurveCertificate.publicText(keys.publicKey(), metadata), PUBLIC_MODE, false);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailedException(
                    "There are keys already, nothing was written: " + e.getFile() + " (--force replaces them)", e);
        } catch (IOException e) {
            throw new CommandFailedException("The keys could not be written: " + FileErrors.say(e), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("public key   " + keys.publicKey().z85());
        out.println("fingerprint  " + keys.publicKey().fingerprint());
        out.println("for peers    " + open);
        out.println("keep secret  " + secret);
        out.flush();
        return ExitCode.OK;
    }

    /** No file is ever there in part or with a wrong mode. */
    private void write(Path file, String text, String mode, boolean partnerExists) throws IOException {
        if (!force && (partnerExists || Files.exists(file))) {
            throw new FileAlreadyExistsException(
                    partnerExists ? output.resolve(name + ".key").toString() : file.toString());
        }
        DurableFiles.replace(file, text.getBytes(UTF_8), mode);
    }
}
