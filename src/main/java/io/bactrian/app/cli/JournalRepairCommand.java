package io.bactrian.app.cli;

import io.bactrian.journal.log.JournalDamagedException;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalLockedException;
import io.bactrian.journal.log.JournalRepair;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code bactrian journal repair <folder> [--write]}: says what of a damaged journal can be saved, and saves it.
 *
 * <p>Exit codes: 0 nothing is damaged, or it is repaired; 1 damage that was only shown, or that cannot be repaired; 2 wrong usage,
 * no journal there, or it is open.
 */
@Command(
        name = "repair",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what of a damaged journal can be saved; with --write it is repaired.",
            "Every entry that can be read stays at its position. Readers are told exactly which positions are lost. The files that"
                    + " are replaced are kept in a folder beside the journal's. Nothing may have the journal open."
        })
final class JournalRepairCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FOLDER", description = "Folder of the journal, such as data/journal/hub.")
    private Path folder = Path.of(".");

    @Option(names = "--write", description = "Repairs. Without it nothing is changed.")
    private boolean write;

    @Option(names = "--dry-run", description = "Changes nothing, which is the default.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        if (write && dryRun) {
            throw new ParameterException(spec.commandLine(), "give --write or --dry-run, not both");
        }
        PrintWriter out = spec.commandLine().getOut();
        try {
            JournalRepair.Report report = write ? JournalRepair.repair(folder) : JournalRepair.look(folder);
            if (json) {
                out.println(new JsonObject(describe(report)).toJson());
            } else {
                print(report, out);
            }
            return report.findings().isEmpty() || write ? JournalCommand.GOOD : JournalCommand.DAMAGED;
        } catch (JournalLockedException e) {
            throw new ParameterException(
                    spec.commandLine(), "the journal is open: stop what has it open first. " + e.getMessage(), e);
        } catch (JournalDamagedException e) {
            spec.commandLine()
                    .getErr()
                    .println("cannot be repaired: " + e.getMessage()
                            + "; next: restore a backup, or move the folder away and begin anew");
            return JournalCommand.DAMAGED;
        } catch (JournalException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            spec.commandLine()
                    .getErr()
                    .println((write ? "not repaired; give the command again when this is mended: " : "cannot be read: ")
                            + FileErrors.say(e));
            return JournalCommand.DAMAGED;
        } finally {
            out.flush();
            spec.commandLine().getErr().flush();
        }
    }

    private void print(JournalRepair.Report report, PrintWriter out) {
        report.findings().forEach(finding -> out.println("damaged: " + finding));
        if (report.findings().isEmpty()) {
            out.printf("good: nothing to repair, positions up to %d%n", report.end());
            return;
        }
        out.println(report.lost().isEmpty() ? "no position is lost" : "lost: positions " + ranges(report.lost()));
        report.aside()
                .ifPresentOrElse(
                        aside -> out.printf(
                                "repaired: positions up to %d, epoch %d begins after them; the former files are in %s%n",
                                report.end(), report.epoch(), aside),
                        () -> out.printf("nothing was changed: repair with --write, or restore a backup%n"));
    }

    private static String ranges(List<JournalRepair.Range> lost) {
        return String.join(
                ", ",
                lost.stream()
                        .map(range ->
                                range.from() == range.to() ? "" + range.from() : range.from() + " to " + range.to())
                        .toList());
    }

    private static Map<String, Object> describe(JournalRepair.Report report) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("damage", report.findings());
        all.put(
                "lost",
                report.lost().stream()
                        .map(range -> new JsonObject(Map.of("from", range.from(), "to", range.to())))
                        .toList());
        all.put("end", report.end());
        all.put("epoch", report.epoch());
        all.put("repaired", report.aside().isPresent());
        report.aside().ifPresent(aside -> all.put("aside", aside.toString()));
        return all;
    }
}
