package io.bactrian.pair.routes;

import io.bactrian.journal.log.DurableValues;
import io.bactrian.journal.log.JournalException;
import io.bactrian.pair.core.PairCodec;
import io.bactrian.pair.core.Side;
import io.bactrian.pair.core.Witness;
import io.bactrian.pair.core.WitnessRecord;
import io.bactrian.support.text.FileErrors;
import io.bactrian.zeromq.ZeroMqMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The witness of any number of pairs: one small file for each, which is on the disk before an answer leaves. Used by the one
 * thread of its socket; any thread may look at its figures.
 */
public final class WitnessDesk {
    private static final Logger LOG = LoggerFactory.getLogger(WitnessDesk.class);
    private static final String TITLE = "bactrian-witness 1";
    private static final String NAME = "[A-Za-z0-9_-]{1,64}";
    private static final String SUFFIX = ".witness";

    private final Path folder;
    private final int pairsMax;
    private final Map<String, WitnessRecord> records = new ConcurrentSkipListMap<>();
    /** Pairs whose record cannot be read, and why: their questions are not answered, as if this witness was away. */
    private final Map<String, String> damaged = new ConcurrentSkipListMap<>();

    private final LongAdder refused = new LongAdder();
    private final LongAdder answered = new LongAdder();

    /**
     * Reads what is kept in a folder, which is made if need be. A record that is damaged is reported, and costs the other pairs nothing.
     *
     * @throws JournalException if the folder cannot be read
     */
    WitnessDesk(Path folder, int pairsMax) {
        this.folder = folder;
        this.pairsMax = pairsMax;
        try {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    String name = String.valueOf(file.getFileName());
                    if (name.endsWith(SUFFIX)) {
                        load(name.substring(0, name.length() - SUFFIX.length()), file);
                    }
                }
            }
        } catch (IOException e) {
            throw new JournalException("folder=" + folder + " of the witness cannot be read: " + FileErrors.say(e), e);
        }
        LOG.info("witness of pairs={} folder={}", records, folder);
    }

    private void load(String pair, Path file) {
        try {
            records.put(pair, read(file));
        } catch (IOException | JournalException e) {
            String why = e instanceof IOException failed ? FileErrors.say(failed) : String.valueOf(e.getMessage());
            damaged.put(pair, why);
            LOG.error(
                    "pair={} gets no answers, so nobody takes over in it: the record in {} cannot be read: {}; next: start both nodes of"
                            + " the pair, move that file away and start the witness again: the nodes make a new record",
                    pair,
                    file,
                    why);
        }
    }

    private static WitnessRecord read(Path file) throws IOException {
        Map<String, String> values = DurableValues.read(file, TITLE);
        try {
            String active = values.getOrDefault("active", "");
            Set<Side> inStep = EnumSet.noneOf(Side.class);
            for (String side : values.getOrDefault("inStep", "").split(",", -1)) {
                if (!side.isEmpty()) {
                    inStep.add(Side.valueOf(side));
                }
            }
            return new WitnessRecord(
                    Integer.parseInt(values.getOrDefault("epoch", "")),
                    active.isEmpty() ? null : Side.valueOf(active),
                    Long.parseLong(values.getOrDefault("version", "")),
                    inStep);
        } catch (IllegalArgumentException e) {
            throw new JournalException("file=" + file + " cannot be understood: " + e.getMessage(), e);
        }
    }

    private void keep(String pair, WitnessRecord record) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        Side active = record.active();
        values.put("epoch", Integer.toString(record.epoch()));
        values.put("active", active == null ? "" : active.name());
        values.put("version", Long.toString(record.version()));
        values.put(
                "inStep",
                String.join(
                        ",", record.inStep().stream().map(Side::name).sorted().toList()));
        DurableValues.write(folder.resolve(pair + SUFFIX), TITLE, values);
        records.put(pair, record);
    }

    /** Answers questions. A frame that is none is counted and not answered; of what could not be kept nothing is said. */
    public List<ZeroMqMessage> answer(List<ZeroMqMessage> questions) {
        List<ZeroMqMessage> answers = new ArrayList<>();
        for (ZeroMqMessage question : questions) {
            try {
                Witness.Request request = PairCodec.request(question.frame(question.size() - 1));
                answers.add(ZeroMqMessage.of(question.routingId(), PairCodec.encode(answer(request))));
                answered.increment();
            } catch (PairCodec.BadFrameException | IllegalArgumentException e) {
                refused.increment();
                LOG.debug("refused a frame of {} octets: {}", question.bytes(), e.getMessage());
            } catch (IOException e) {
                LOG.warn("the witness cannot keep its record in {}: {}", folder, FileErrors.say(e));
            }
        }
        return answers;
    }

    private Witness.Reply answer(Witness.Request request) throws IOException {
        String pair = request.pair();
        if (!pair.matches(NAME)) {
            throw new IllegalArgumentException("the name of a pair is 1 to 64 of letters, digits, '_' and '-'");
        }
        String why = damaged.get(pair);
        if (why != null) {
            throw new IllegalArgumentException("the record of pair=" + pair + " cannot be read: " + why);
        }
        WitnessRecord record = records.getOrDefault(pair, WitnessRecord.NONE);
        Witness.Decision decision = Witness.decide(record, request);
        WitnessRecord keep = decision.keep();
        if (keep != null) {
            if (!records.containsKey(pair) && records.size() + damaged.size() >= pairsMax) {
                return new Witness.Reply(
                        request.number(),
                        pair,
                        request.kind(),
                        false,
                        record,
                        "the witness has its " + pairsMax + " pairs already (bactrian.witness.pairs.max)");
            }
            keep(pair, keep);
            LOG.info("pair={} {} by {} granted: {}", pair, request.kind(), request.node(), keep);
        } else if (!decision.reply().granted()) {
            LOG.info(
                    "pair={} {} by {} refused: {}",
                    pair,
                    request.kind(),
                    request.node(),
                    decision.reply().reason());
        }
        return decision.reply();
    }

    /** The record of each pair, and the answers since the start, for people. Any thread. */
    Map<String, Object> figures() {
        Map<String, Object> figures = new TreeMap<>();
        records.forEach((pair, record) -> figures.put(pair, record.toString()));
        damaged.forEach((pair, why) -> figures.put(pair, "cannot be read: " + why));
        figures.put("answered", answered.sum());
        figures.put("refused", refused.sum());
        return figures;
    }
}
