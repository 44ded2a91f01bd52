package io.bactrian.federation.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.federation.core.ActorCommand.Address;
import io.bactrian.federation.routes.TopologyFile;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a node that passes commands on can do with them: nothing but to drop them. */
class CommandDeskTest {
    private static final String A = "nodes.root.a";
    private static final String B = "nodes.root.b";
    private static final NodeSettings SETTINGS = new NodeSettings(500, 1_600, 1_000, 10_000, 6, 3, 60_000, 7);
    private static final long START_MS = 1_000_000;

    /** Signs by its name and what it signs; no node can sign for another here, as long as nobody cheats. */
    private record Marks(String node) implements Signatures {
        @Override
        public String sign(byte[] octets) {
            return node + " " + new String(octets, UTF_8).hashCode();
        }

        @Override
        public boolean valid(String signer, byte[] octets, String signature) {
            return signature.equals(signer + " " + new String(octets, UTF_8).hashCode());
        }
    }

    private final Topology topology = TopologyFile.parse(
            "tree",
            "nodes: {root: {children: {a: {southPort: 5010, northPort: 5011}, b: {southPort: 5020, northPort: 5021}}}}");
    private final NodeContext context = new NodeContext(topology, topology.member(B), SETTINGS, new Marks(B));
    private final List<String> run = new ArrayList<>();
    private final CommandDesk desk = new CommandDesk(context, (command, nowMs) -> {
        run.add(new String(command.body(), UTF_8));
        return null;
    });
    private final Link fromRoot = new Link(topology.member("nodes.root"), Link.LinkSide.PARENT, Door.PARENT, START_MS);

    private static ActorCommand command(int number, String from, String body, long sentMs) {
        byte[] uuid = new byte[16];
        uuid[0] = (byte) number;
        ActorCommand unsigned = new ActorCommand(
                uuid,
                new Address("tester", from),
                new Address("fan", B),
                false,
                sentMs,
                5_000,
                1,
                body.getBytes(UTF_8),
                "");
        return unsigned.with(new Marks(from).sign(unsigned.signed()));
    }

    private void begin(long nowMs) {
        context.nowMs = nowMs;
        desk.begin();
    }

    private void take(ActorCommand command, long nowMs) {
        context.nowMs = nowMs;
        desk.receive(command, fromRoot, nowMs);
    }

    private List<String> events() {
        List<String> kinds =
                context.actions.events().stream().map(Actions.Event::kind).toList();
        context.actions = new Actions();
        return kinds.stream().filter(kind -> !kind.equals("undelivered")).toList();
    }

    @Test
    void aCommandThatWasChangedOnTheWayIsNotRun() {
        begin(START_MS);
        ActorCommand right = command(1, A, "on", START_MS);
        ActorCommand other = new ActorCommand(
                right.uuid(),
                right.from(),
                right.to(),
                false,
                right.sentMs(),
                right.lifeMs(),
                1,
                "off".getBytes(UTF_8),
                right.signature());
        take(other, START_MS);
        take(right.with(new Marks("nodes.root").sign(right.signed())), START_MS);
        take(right.with(""), START_MS);
        assertThat(run).isEmpty();
        assertThat(events()).containsExactly("bad-signature", "bad-signature", "bad-signature");
        take(right, START_MS);
        assertThat(run).containsExactly("on");
    }

    @Test
    void aCommandThatIsSentAgainIsRunOnce() {
        begin(START_MS);
        ActorCommand right = command(1, A, "on", START_MS);
        take(right, START_MS);
        take(right, START_MS + 10);
        assertThat(events()).containsExactly("repeated-command");

        for (int i = 2; i < 10; i++) {
            take(command(i, A, "c" + i, START_MS + i), START_MS + i);
        }
        events();
        take(right, START_MS + 20);
        assertThat(run).as("also when it is forgotten").hasSize(9).containsOnlyOnce("on");
        assertThat(events()).containsExactly("old-command");
        take(command(20, "nodes.root", "of another", START_MS), START_MS + 20);
        assertThat(run).as("what one sends much costs no other").contains("of another");
    }

    @Test
    void whatAFormerLifeMayHaveRunIsNotRunAgain() {
        ActorCommand right = command(1, A, "on", START_MS);
        begin(START_MS + 1);
        take(right, START_MS + 2);
        assertThat(run).isEmpty();
        assertThat(events()).containsExactly("old-command");
        take(command(2, A, "new", START_MS + 3), START_MS + 3);
        take(command(3, A, "stale", START_MS + 3), START_MS + 70_000);
        assertThat(run).containsExactly("new");
    }
}
