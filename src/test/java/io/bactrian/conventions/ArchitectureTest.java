package io.bactrian.conventions;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.lang.reflect.AccessibleObject;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Component;
import org.apache.camel.Endpoint;
import org.apache.camel.Service;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may use whom: the table of packages. */
class ArchitectureTest {
    private static final String ROOT = "io.bactrian.";

    /** Each package and which others of ours it may use; {@code app} may use all. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("support", Set.of()),
            Map.entry("wire", Set.of()),
            Map.entry("zeromq", Set.of("support")),
            Map.entry("journal", Set.of("wire", "support")),
            Map.entry("pubsub", Set.of("wire", "zeromq", "journal", "support")),
            Map.entry("ship", Set.of("wire", "zeromq", "journal", "support")),
            Map.entry("backup", Set.of("wire", "zeromq", "journal", "support", "pubsub")),
            Map.entry("pair", Set.of("wire", "zeromq", "journal", "support", "pubsub")),
            Map.entry("speed", Set.of("pair", "wire", "journal", "zeromq", "support", "ship")),
            Map.entry("discovery", Set.of("wire", "zeromq", "support")),
            Map.entry("gateway", Set.of("zeromq", "support", "discovery", "pubsub")),
            Map.entry("federation", Set.of("wire", "zeromq", "journal", "support", "pair", "discovery")));

    /** The classes of {@code support} that are in the jar of the component alone. */
    private static final String IN_COMPONENT_JAR =
            "io\\.bactrian\\.support\\.(text\\.(RateLimitedLog|FileErrors)|service\\.ServiceDirectory|springboot\\.|thread\\.).*";

    /** What of the outside world the purest packages may use. */
    private static final Map<String, String[]> LIBRARIES = Map.ofEntries(
            Map.entry("wire", new String[] {"java..", "org.jspecify.."}),
            Map.entry("backup.core", new String[] {"java..", "org.jspecify.."}),
            Map.entry("discovery.core", new String[] {"java..", "org.jspecify.."}),
            Map.entry("federation.core", new String[] {"java..", "org.jspecify.."}),
            Map.entry("gateway.core", new String[] {"java..", "org.jspecify..", "com.fasterxml.jackson.core.."}),
            Map.entry("pair.core", new String[] {"java..", "org.jspecify.."}),
            Map.entry("pubsub.core", new String[] {"java..", "org.jspecify.."}),
            Map.entry(
                    "ship.core",
                    new String[] {"java..", "org.jspecify..", "com.dynatrace.hash4j..", "com.github.luben.zstd.."}),
            Map.entry("speed.core", new String[] {"java..", "org.jspecify.."}),
            Map.entry("support.database", new String[] {
                "java..",
                "javax.sql..",
                "org.jspecify..",
                "org.slf4j..",
                "org.springframework..",
                "org.flywaydb..",
                "com.zaxxer.hikari.."
            }),
            Map.entry("pubsub.store", new String[] {
                "java..", "javax.sql..", "org.jspecify..", "org.slf4j..", "org.springframework..",
            }));

    /** The rooms of a capability, and the rooms of the same capability that each may use. */
    private static final Map<String, Set<String>> ROOMS = Map.ofEntries(
            Map.entry("zeromq.socket", Set.of("zeromq.socket.jeromq")),
            Map.entry("zeromq.socket.jeromq", Set.of()),
            Map.entry("journal.log", Set.of()),
            Map.entry("pair.core", Set.of()),
            Map.entry("pair.routes", Set.of("pair.core")),
            Map.entry("pair.hub", Set.of("pair.core", "pair.routes")),
            Map.entry("speed.core", Set.of()),
            Map.entry("speed.routes", Set.of("speed.core")),
            Map.entry("ship.core", Set.of()),
            Map.entry("ship.routes", Set.of("ship.core")),
            Map.entry("backup.core", Set.of()),
            Map.entry("backup.routes", Set.of("backup.core")),
            Map.entry("pubsub.core", Set.of()),
            Map.entry("discovery.core", Set.of()),
            Map.entry("discovery.routes", Set.of("discovery.core")),
            Map.entry("pubsub.store", Set.of("pubsub.core")),
            Map.entry("pubsub.routes", Set.of("pubsub.core", "pubsub.store")),
            Map.entry("pubsub.client", Set.of("pubsub.core", "pubsub.store")),
            Map.entry("gateway.core", Set.of()),
            Map.entry("gateway.routes", Set.of("gateway.core")),
            Map.entry("federation.core", Set.of()),
            Map.entry("federation.routes", Set.of("federation.core")),
            Map.entry("federation.device", Set.of("federation.core", "federation.routes")),
            Map.entry("federation.opcua", Set.of("federation.core", "federation.routes", "federation.device")));

    /** Every room that decides and does nothing else: it has no threads, clocks, sockets and no Camel. */
    private static final String CORES = ROOT + "*.core..";

    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.bactrian");
    }

    static Stream<String> packages() {
        return MAY_USE.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void usesOnlyThePackagesOfTheTable(String name) {
        rule(name, MAY_USE.get(name)).check(classes);
    }

    private static ArchRule rule(String name, Set<String> mayUse) {
        String[] allowed = Stream.concat(Stream.of(name), mayUse.stream())
                .map(other -> ROOT + other + "..")
                .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(ROOT + name + "..")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are ours and not in the table's row of " + name,
                        (JavaClass used) -> used.getPackageName().startsWith(ROOT)
                                && Stream.of(allowed).noneMatch(pattern -> resides(used, pattern))))
                .allowEmptyShould(true);
    }

    private static boolean resides(JavaClass used, String pattern) {
        return JavaClass.Predicates.resideInAPackage(pattern).test(used);
    }

    @Test
    void everyPackageIsInTheTable() {
        Set<String> found = classes.stream()
                .map(type -> type.getPackageName() + ".")
                .filter(name -> name.startsWith(ROOT) && name.length() > ROOT.length())
                .map(name -> name.substring(ROOT.length()).split("\\.", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(found).contains("app");
        found.remove("app");
        assertThat(MAY_USE.keySet()).containsAll(found);
    }

    /** What the jar of the component alone has of {@code support}: see {@code src/assembly/camel-zeromq.xml}. */
    @Test
    void theComponentUsesOnlyWhatItsOwnJarHas() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "zeromq..")
                .or()
                .haveNameMatching(IN_COMPONENT_JAR)
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are ours and not in camel-zeromq.jar",
                        (JavaClass used) -> used.getPackageName().startsWith(ROOT)
                                && !resides(used, ROOT + "zeromq..")
                                && !used.getName().matches(IN_COMPONENT_JAR)))
                .check(classes);
    }

    @Test
    void packagesFormNoCycles() {
        SlicesRuleDefinition.slices()
                .matching(ROOT + "(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(classes);
    }

    @Test
    void onlyTheSocketPackageKnowsZeroMq() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "zeromq.socket..", ROOT + "app.bench..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.zeromq..", "zmq..")
                .check(classes);
    }

    /**
     * Its public API gives and takes two classes of {@code zmq}: messages, and what makes them. All others are JeroMQ's own,
     * and so is what is only reached by reflection. The raw loops of the bench measure JeroMQ as it is, by its public API.
     */
    @Test
    void onlyOnePackageReachesIntoJeroMq() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "zeromq.socket.jeromq..")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are JeroMQ's own",
                        (JavaClass used) -> resides(used, "zmq..")
                                && !used.getName().equals("zmq.Msg")
                                && !used.getName().equals("zmq.msg.MsgAllocator")))
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "zeromq..")
                .and()
                .resideOutsideOfPackage(ROOT + "zeromq.socket.jeromq..")
                .should()
                .callMethod(AccessibleObject.class, "setAccessible", boolean.class)
                .check(classes);
    }

    static Stream<String> purePackages() {
        return LIBRARIES.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("purePackages")
    void usesOnlyTheLibrariesOfTheTable(String name) {
        String[] allowed = Stream.of(List.of(LIBRARIES.get(name)), List.of("io.bactrian.."))
                .flatMap(List::stream)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ROOT + name + "..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(allowed)
                .allowEmptyShould(true)
                .check(classes);
    }

    static Stream<String> rooms() {
        return ROOMS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomUsesOnlyItsNeighboursOfTheTable(String room) {
        String capability = room.substring(0, room.indexOf('.'));
        String[] allowed = Stream.concat(Stream.of(room), ROOMS.get(room).stream())
                .map(other -> ROOT + other + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ROOT + room + "..")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are in a room of " + capability + " that is not in the row of " + room,
                        (JavaClass used) -> resides(used, ROOT + capability + "..")
                                && Stream.of(allowed).noneMatch(pattern -> resides(used, pattern))))
                .check(classes);
    }

    @Test
    void theCoresHaveNoThreadsClocksSocketsOrCamel() {
        noClasses()
                .that()
                .resideInAPackage(CORES)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.camel..", ROOT + "zeromq..", "java.util.concurrent..", "org.slf4j..")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, Socket.class, SocketChannel.class)
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(classes);
    }

    /**
     * One lock owns the glue of a hub, that of {@code HubMachine}; its parts run under it and have none. {@code HubLives} has the lock under which
     * lives take turns, and {@code LateRequests} takes what comes between two of them.
     */
    @Test
    void onlyTheGlueHasALockInTheCoreOfAHub() {
        Set<String> locked = classes.stream()
                .filter(type -> resides(type, ROOT + "pubsub.core.."))
                .flatMap(type -> type.getMethods().stream())
                .filter(method -> method.getModifiers().contains(JavaModifier.SYNCHRONIZED))
                .map(method -> method.getOwner().getSimpleName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(locked).containsExactly("HubLives", "HubMachine", "LateRequests");
    }

    /** What is idle, absent or silent is measured by a clock that nobody sets; the hub makes it of the wall clock at its start. */
    @Test
    void theHubAndItsClientsMeasureNothingByTheWallClock() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "pubsub..")
                .and()
                .doNotHaveFullyQualifiedName(ROOT + "pubsub.routes.Hub")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(Instant.class, "now")
                .check(classes);
    }

    @Test
    void aForbiddenUseIsFound() {
        // This very class uses ArchUnit's and other packages' classes; as a row of the table it must fail.
        JavaClasses own = new ClassFileImporter().importPackages("io.bactrian.conventions", "io.bactrian.app");
        assertThatThrownBy(() -> rule("conventions", Set.of()).check(own)).isInstanceOf(AssertionError.class);
    }

    @Test
    void noBeanOfRoutesIsAServiceOfCamelWhichStopsItWithAnyRouteThatNamesIt() {
        ArchRule rule = noClasses()
                .that()
                .arePublic()
                .and()
                .areNotAssignableTo(Component.class)
                .and()
                .areNotAssignableTo(Endpoint.class)
                .and()
                .resideInAnyPackage("..routes..", "..demo..", "..opcua..", "..device..", "..support..")
                .should()
                .beAssignableTo(Service.class);
        rule.check(classes);
    }
}
