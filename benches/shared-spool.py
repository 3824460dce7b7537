#!/usr/bin/env python3
"""Tries a spool that hosts share at size, against a throw-away PostgreSQL with fsync on.

  benches/shared-spool.py [PART…]

Parts, and the variable for the size of each; all of them without an argument:

  kills      drainers killed                     HIVELOG_BENCH_KILLS=200
  stops      the server stopped at once          HIVELOG_BENCH_STOPS=200
  emitters   emitters killed                     HIVELOG_BENCH_EMITTERS=50
  pauses     drainers paused beyond their lease  HIVELOG_BENCH_PAUSES=50
  cuts       connections dead beyond a lease     HIVELOG_BENCH_CUTS=50
  read       the statement that reads ahead      HIVELOG_BENCH_ROWS=10000000 against 10000
  append     batches of 1,000                    HIVELOG_BENCH_APPENDS=200000
  drain      one drainer against two             HIVELOG_BENCH_DRAINED=100000, HIVELOG_BENCH_JOBS=96
  crowd      emitters, max_connections=10        HIVELOG_BENCH_CROWD=50
  takeover   after a kill                        HIVELOG_BENCH_TAKEOVERS=5
  idle       statements of an idle drainer       HIVELOG_BENCH_IDLE=30 (seconds)
  pinned     an old transaction holds vacuum     HIVELOG_BENCH_PINNED=600 (seconds at 1,500/s)
  program    what the client adds to the binary, and to starting it

With HIVELOG_BENCH_INBOX=0 the emitters of the faults have no folder for an inbox: they end while the
server is away, and the order of all records is judged. With HIVELOG_BENCH_AWAY=SECONDS every tenth
stop lasts for so long.

What is lost, out of order, or sent more often than the faults excuse is a failure, and so is
HIVELOG_BENCH_STRICT=1 with a figure that misses its bar. Times of one run compare; those of two
machines do not. It needs postgresql 15 or newer and nginx.
"""

import asyncio, collections, glob, json, os, random, re, shutil, signal, socket, statistics
import subprocess, sys, tempfile, threading, time

HIVELOG = os.path.realpath(os.environ.get("HIVELOG", "target/release/hivelog"))
PROGRAMS = max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), default="")
LEASE, TIMEOUT, TICK, JOBS = 12, 1, 2, 8
HAS_INBOX = os.environ.get("HIVELOG_BENCH_INBOX") != "0"
failures, missed = [], []


def size(name, usual):
    return int(os.environ.get("HIVELOG_BENCH_" + name, usual))


def bar(what, figure, is_met, wanted):
    print(f"  {what}: {figure}" + ("" if is_met else f"   MISSED: {wanted}"), flush=True)
    if not is_met:
        missed.append(what)


def until(what, is_so, patience=60.0, pause=0.02):
    end = time.monotonic() + patience
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(pause)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Cluster:
    """A PostgreSQL of its own, owned by nobody where root runs this."""

    def __init__(self, settings=""):
        self.folder = tempfile.mkdtemp(prefix="pgbench-", dir=os.environ.get("HIVELOG_BENCH_DIR", "/tmp"))
        self.owner = ["setpriv", "--pdeathsig", "KILL"]
        if os.geteuid() == 0:
            os.chown(self.folder, 65534, 65534)
            self.owner += ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        os.chmod(self.folder, 0o755)
        self.data, self.port = self.folder + "/data", free_port()
        self.log = self.folder + "/log"
        subprocess.run([*self.owner, PROGRAMS + "/initdb", "-A", "trust", "--locale=C", "-E", "UTF8", "-U", "owner", "-D", self.data],
                       check=True, stdout=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
        with open(self.data + "/postgresql.conf", "a") as file:
            file.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = '{self.folder}'\n"
                       f"max_connections = 100\nshared_buffers = 256MB\nmax_wal_size = 4GB\nlog_line_prefix = '%p '\n{settings}\n")
        self.start()

    def start(self):
        with open(self.log, "a") as log:
            self.server = subprocess.Popen([*self.owner, PROGRAMS + "/postgres", "-D", self.data], stdout=log, stderr=log,
                                           env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
        until("the server starts", lambda: self.psql("postgres", "SELECT 1").returncode == 0)

    def stop(self):
        """At once, as a loss of power would."""
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def psql(self, database, statement):
        return subprocess.run([PROGRAMS + "/psql", "-X", "-q", "-A", "-t", "-U", "owner", "-h", self.folder, "-p", str(self.port), "-d", database,
                               "-v", "ON_ERROR_STOP=1", "-c", statement], capture_output=True, text=True)

    def sql(self, database, statement):
        done = self.psql(database, statement)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def set(self, setting, value):
        self.sql("postgres", f"ALTER SYSTEM SET {setting} = {value}")
        self.sql("postgres", "SELECT pg_reload_conf()")


class Spool:
    """A database with a spool in it, and a home for the programs that use it."""

    count = 0

    def __init__(self, cluster, sink):
        Spool.count += 1
        self.cluster, self.name = cluster, f"spool{Spool.count}"
        cluster.sql("postgres", f"CREATE DATABASE {self.name}")
        self.home = tempfile.mkdtemp(prefix="home-", dir=cluster.folder)
        self.url = f"postgres://owner@127.0.0.1:{cluster.port}/{self.name}"
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.home, "HIVELOG_KEY": "bench", "HIVELOG_CONNECTOR": "bench",
                            "HIVELOG_SYNCHIVE_URL": sink}
        self.running = []
        self.run("spool", "init")

    def run(self, *args, home=None, **options):
        environment = {**self.environment, "HIVELOG_SPOOL": self.url, "HOME": home or self.home}
        return subprocess.run([HIVELOG, *args], env=environment, check=True, capture_output=True, **options)

    def start(self, *args, spool=None, home=None, **options):
        environment = {**self.environment, "HIVELOG_SPOOL": spool or self.url, "HOME": home or self.home}
        process = subprocess.Popen([HIVELOG, *args], env=environment, **options)
        self.running.append(process)
        return process

    def drainer(self, *args, jobs=JOBS, spool=None):
        with open(self.home + "/drainers", "ab") as said:
            return self.start("spool", "drain", "--follow", "--lease", f"{LEASE}s", "--timeout", f"{TIMEOUT}s", "--jobs", str(jobs), *args,
                              spool=spool, stdout=said, stderr=said)

    def sql(self, statement):
        return self.cluster.sql(self.name, statement)

    def ready(self):
        return int(self.sql("SELECT count(*) FROM hivelog.event"))

    def fill(self, rows, run="gen_random_uuid()"):
        """Copies the one record that is there, until there are so many."""
        lanes = int(self.sql("SELECT lanes FROM hivelog.spool"))
        columns = "dest, run, record, line, sum, source, code, integration, body"
        self.sql(f"INSERT INTO hivelog.event (lane, id, correlation, {columns}) SELECT n % {lanes}, gen_random_uuid(), 'j' || n, {columns} "
                 f"FROM (SELECT * FROM hivelog.event LIMIT 1) e, generate_series(2, {rows}) n")
        self.sql("ANALYZE hivelog.event")

    def end(self):
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


def record(journey, number, detail="what happened"):
    return json.dumps({"eventCode": "5004N", "direction": "INBOUND", "lifeCycleStage": "INBOUND_2", "outcome": "PROCESSING", "detail": detail,
                       "correlationId": journey, "customData": number, "integrationKey": "Shop", "shapeName": "Product", "mode": "SANDBOX",
                       "schemaName": "limber", "dataId": {"@type": "DataReference", "schemaName": "limber", "shapeName": "Product",
                       "externalIdentities": [{"integrationKey": "Shop", "externalId": "9"}]}})


class Ledger:
    """A server that notes the number of every record in the order of arrival, and answers a little later."""

    def __init__(self, delay=0.01):
        self.arrived, self.delay, self.port = [], delay, free_port()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.serve, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.port}"
        until("the ledger listens", lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0)

    def serve(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self.connection, "127.0.0.1", self.port))
        self.loop.run_forever()

    async def connection(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(int(re.search(rb"content-length: *(\d+)", head, re.I)[1]))
                self.arrived.append(int(re.search(rb'"customData": ?(\d+)', body)[1]))
                await asyncio.sleep(self.delay * random.random() * 2)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


class Proxy:
    """A way to the database that can be cut without either side being told."""

    def __init__(self, ledger, port):
        self.port, self.target, self.open = free_port(), port, asyncio.Event()
        self.loop = ledger.loop
        asyncio.run_coroutine_threadsafe(asyncio.start_server(self.connection, "127.0.0.1", self.port), self.loop).result()
        self.cut(False)

    def cut(self, is_cut):
        self.loop.call_soon_threadsafe(self.open.clear if is_cut else self.open.set)

    async def connection(self, reader, writer):
        await self.open.wait()
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self.copy(reader, to_writer), self.copy(to_reader, writer))

    async def copy(self, reader, writer):
        try:
            while data := await reader.read(1 << 16):
                await self.open.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()


class Feeder(threading.Thread):
    """Accepts records without end: journeys go from one emitter to the next, batch by batch, each when the one before has its receipts."""

    JOURNEYS, BATCH, AHEAD = 40, 20, 400

    def __init__(self, spool, ledger):
        super().__init__(daemon=True)
        self.spool, self.ledger, self.next = spool, ledger, 0
        self.confirmed, self.saved_here, self.inboxes, self.ending, self.error = [], set(), [], False, None
        self.emitters, self.turn, self.kills, self.killed = [self.emitter() for _ in range(3)], threading.Lock(), 0, 0
        self.start()

    def emitter(self):
        """On a machine of its own, so that nobody else empties its inbox."""
        home = tempfile.mkdtemp(prefix="emitter-", dir=self.spool.home)
        if not HAS_INBOX:
            home = "/dev/null"
        with open(self.spool.home + "/emitters", "ab") as said:
            emitter = self.spool.start("emit", "--queue", "-", "-o", "ndjson", home=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said)
        emitter.home = home
        return emitter

    def replace(self, at):
        old, self.emitters[at] = self.emitters[at], self.emitter()
        old.stdin.close()
        old.wait(60)

    def run(self):
        try:
            while not self.ending:
                if len(self.confirmed) - len(self.saved_here) - len(self.ledger.arrived) > self.AHEAD:
                    time.sleep(0.005)
                    continue
                self.batch()
            for emitter in self.emitters:
                emitter.stdin.close()
                emitter.wait(60)
            for home in self.inboxes:
                self.spool.run("spool", "import", home=home)
        except Exception as error:  # noqa: BLE001: reported by whoever waits for it
            self.error = error

    def batch(self):
        at = random.randrange(len(self.emitters))
        emitter = self.emitters[at]
        numbers = range(self.next, self.next + self.BATCH)
        self.next += self.BATCH
        lines = "".join(record(f"j{number % self.JOURNEYS}", number) + "\n" for number in numbers)
        doomed = self.killed < self.kills
        emitter.stdin.write(lines.encode())
        emitter.stdin.flush()
        if doomed:
            time.sleep(random.random() * 0.012)
            emitter.kill()
            self.killed += 1
        count = 0
        while count < self.BATCH and (line := emitter.stdout.readline()):
            if not line.endswith(b"\n") or json.loads(line).get("status") != "kept":
                break
            count += 1
        # Receipts come in the order of the lines.
        self.confirmed.extend(numbers[:count])
        if glob.glob(emitter.home + "/.local/state/hivelog/postgres/*/inbox/*.ndjson"):
            # Away for longer than an emitter waits: its machine has these, and their order is not promised.
            self.saved_here.update(numbers[:count])
            self.inboxes.append(emitter.home)
            self.replace(at)
        elif doomed or count < self.BATCH:
            # One that was killed may have given all receipts before.
            if not doomed and HAS_INBOX:
                raise RuntimeError(f"an emitter ended by itself: {emitter.wait()}")
            self.replace(at)

    def finish(self):
        self.ending = True
        self.join(120)
        if self.error:
            raise self.error


def out_of_order(ledger, judged):
    """How many of these arrived first when a later one of their journey had arrived."""
    newest, overtaken = {}, 0
    for number in dict.fromkeys(ledger.arrived):
        if number in judged:
            journey = number % Feeder.JOURNEYS
            overtaken += number < newest.get(journey, -1)
            newest[journey] = max(number, newest.get(journey, -1))
    return overtaken


def judge(what, feeder, ledger, excused):
    counts = collections.Counter(ledger.arrived)
    lost = [number for number in feeder.confirmed if not counts[number]]
    confirmed = set(feeder.confirmed)
    overtaken, with_inbox = out_of_order(ledger, confirmed - feeder.saved_here), out_of_order(ledger, confirmed)
    extra = sum(counts.values()) - len(counts)
    print(f"  {len(feeder.confirmed)} receipts, lost {len(lost)}, out of order {overtaken}, extra copies {extra} (excused {excused})", flush=True)
    print(f"  {len(feeder.saved_here)} records went through an inbox; out of order with these {with_inbox}", flush=True)
    if lost or overtaken or extra > excused:
        failures.append(what)


def faults(what, count, drainers, excuse, fault, settings=""):
    """Lets faults happen while records go through, and judges what has arrived."""
    print(f"{what}: {count}, {drainers} drainers, {JOBS} jobs each", flush=True)
    began = time.monotonic()
    cluster, ledger = Cluster(settings), Ledger()
    spool = Spool(cluster, ledger.url)
    feeder = Feeder(spool, ledger)
    try:
        fault(spool, ledger, feeder, count, drainers)
        feeder.finish()
        until("the rest is sent", lambda: spool.ready() == 0, 180, 0.5)
        until("it is quiet", lambda n=[]: (n.append(len(ledger.arrived)), len(n) > 3 and n[-1] == n[-3])[1], 60, 1)
        judge(what, feeder, ledger, excuse * count)
        print(f"  in {time.monotonic() - began:.0f} s", flush=True)
    except Exception as error:  # noqa: BLE001: the other parts go on
        print(f"  FAILED: {error!r}; see {cluster.folder}", flush=True)
        failures.append(what)
        spool.end()
        return
    spool.end()
    cluster.remove()


def progress(ledger, feeder, records=60):
    """Waits until so many more have arrived."""
    wanted = len(ledger.arrived) + records
    until("records get through", lambda: feeder.error or len(ledger.arrived) >= wanted, 90)
    if feeder.error:
        raise feeder.error


def kills(spool, ledger, feeder, count, drainers):
    all_ = [spool.drainer() for _ in range(drainers)]
    for _ in range(count):
        progress(ledger, feeder)
        victim = all_.pop(random.randrange(drainers))
        victim.kill()
        victim.wait()
        # A dead process sends nothing, so its lease may end now: 200 leases would take 40 minutes.
        spool.sql(f"UPDATE hivelog.drainer SET until = clock_timestamp() WHERE pid = {victim.pid}")
        all_.append(spool.drainer())


def stops(spool, ledger, feeder, count, drainers):
    for _ in range(drainers):
        spool.drainer()
    away = size("AWAY", 0)
    for at in range(count):
        progress(ledger, feeder)
        spool.cluster.stop()
        if at % 10 == 0:
            time.sleep(away)
        spool.cluster.start()


def emitter_kills(spool, ledger, feeder, count, drainers):
    for _ in range(drainers):
        spool.drainer()
    for at in range(count):
        progress(ledger, feeder, 20)
        feeder.kills = at + 1
        until("an emitter is killed", lambda: feeder.error or feeder.killed == at + 1)


def in_groups(spool, ledger, feeder, count, all_, begin, end):
    """Half of the drainers at a time, for longer than their lease."""
    while count > 0:
        progress(ledger, feeder)
        some = random.sample(all_, min(count, len(all_) // 2))
        for one in some:
            begin(one)
            time.sleep(random.random() * 0.3)
        time.sleep(LEASE + 2 * TICK)
        for one in some:
            end(one)
        count -= len(some)
        # Each has lanes again before the next are chosen.
        until("all own lanes", lambda: spool.sql("SELECT count(DISTINCT owner) FROM hivelog.lane") == str(len(all_)), 60, 0.2)


def pauses(spool, ledger, feeder, count, drainers):
    all_ = [spool.drainer() for _ in range(drainers)]
    in_groups(spool, ledger, feeder, count, all_, lambda one: one.send_signal(signal.SIGSTOP), lambda one: one.send_signal(signal.SIGCONT))


def cuts(spool, ledger, feeder, count, drainers):
    proxies = [Proxy(ledger, spool.cluster.port) for _ in range(drainers)]
    for proxy in proxies:
        spool.drainer(spool=f"postgres://owner@127.0.0.1:{proxy.port}/{spool.name}")
    in_groups(spool, ledger, feeder, count, proxies, lambda one: one.cut(True), lambda one: one.cut(False))


class Nginx:
    """Answers 200 to everything, at once."""

    def __init__(self):
        self.folder, self.port = tempfile.mkdtemp(prefix="nginx-", dir="/tmp"), free_port()
        with open(self.folder + "/conf", "w") as file:
            file.write(f"daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error;\n"
                       f"events {{ worker_connections 1024; }}\nhttp {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {self.folder};\n"
                       f"server {{ listen 127.0.0.1:{self.port}; location / {{ return 200; }} }} }}\n")
        self.server = subprocess.Popen(["nginx", "-c", self.folder + "/conf", "-e", self.folder + "/error"])
        self.url = f"http://127.0.0.1:{self.port}"
        until("nginx listens", lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0)

    def end(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def durations(path, since, statement):
    """What a statement took, in ms, by the log of the server: parsing, binding and executing together."""
    found, parts = [], collections.defaultdict(float)
    with open(path, errors="replace") as file:
        file.seek(since)
        for line in file:
            if match := re.match(r"(\d+) LOG:  duration: ([\d.]+) ms  (parse|bind|execute) <unnamed>: (.*)", line):
                process, ms, step, text = match[1], float(match[2]), match[3], match[4]
                if statement in text:
                    parts[process] += ms
                    if step == "execute":
                        found.append(parts.pop(process))
    return found


READ = "AS w(lane, after)"


def reads(spool, seconds, drain):
    """Durations of reading ahead while a drainer works for some seconds."""
    spool.cluster.set("log_min_duration_statement", 0)
    since = os.path.getsize(spool.cluster.log)
    drain(seconds)
    spool.cluster.set("log_min_duration_statement", -1)
    return durations(spool.cluster.log, since, READ)


def part_read():
    rows = size("ROWS", 10_000_000)
    print(f"read: {rows} rows waiting against 10000", flush=True)
    cluster, nginx = Cluster(), Nginx()
    middle = {}
    for count in (10_000, rows):
        spool = Spool(cluster, nginx.url)
        spool.run("emit", "--queue", "-", input=record("j1", 1).encode())
        spool.fill(count)
        cluster.sql("postgres", "CHECKPOINT")

        def drain(seconds, spool=spool):
            drainer = spool.drainer("--rate", "1000/s", jobs=64)
            time.sleep(seconds)
            drainer.send_signal(signal.SIGTERM)
            drainer.wait()

        took = reads(spool, 9, drain)
        middle[count] = statistics.median(took)
        print(f"  {count} rows: {len(took)} reads, p50 {middle[count]:.2f} ms, first {took[0]:.2f} ms", flush=True)
        began = time.monotonic()
        spool.run("spool", "status")
        print(f"  {count} rows: 'spool status' in {time.monotonic() - began:.2f} s", flush=True)
        spool.end()
    ratio = middle[rows] / middle[10_000]
    bar("p50 at the larger over the smaller", f"{ratio:.2f}", ratio <= 2, "2")
    nginx.end()
    cluster.remove()


def part_append():
    rows = size("APPENDS", 200_000)
    print(f"append: {rows} records in batches of 1,000", flush=True)
    cluster = Cluster()
    best = 0
    for emitters in (1, 2, 4):
        spool = Spool(cluster, "http://127.0.0.1:9")
        files = []
        for at in range(emitters):
            files.append(f"{spool.home}/{at}.ndjson")
            with open(files[-1], "w") as file:
                file.writelines(record(f"j{number % 1000}-{at}", number) + "\n" for number in range(rows // emitters))
        began = time.monotonic()
        running = [spool.start("emit", "--queue", "-q", file, stdout=subprocess.DEVNULL) for file in files]
        for one in running:
            assert one.wait() == 0
        rate = rows / (time.monotonic() - began)
        best = max(best, rate)
        print(f"  {emitters} emitters, read, checked and appended: {rate:,.0f} records/s", flush=True)
        assert spool.ready() == rows
        spool.end()
    bar("best", f"{best:,.0f} records/s", best >= 15_000, "15,000")
    cluster.remove()


def processor(parents):
    """Seconds of processor time that these processes and their children have taken so far."""
    seconds = 0
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as file:
                number, fields = int(path.split("/")[2]), file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if number in parents or int(fields[1]) in parents:
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def part_drain():
    rows = size("DRAINED", 100_000)
    jobs = size("JOBS", 96)
    print(f"drain: {rows} records, {jobs} jobs each", flush=True)
    cluster = Cluster()
    # A server on the same machine, and one that answers after 20 ms as one far away would.
    for name, server in (("at once", Nginx()), ("after 20 ms", Distant())):
        rates = {}
        for drainers in (1, 2):
            spool = Spool(cluster, server.url)
            spool.run("emit", "--queue", "-", input=record("j1", 1).encode())
            spool.fill(rows)
            running = [spool.drainer(jobs=jobs) for _ in range(drainers)]
            owners = "SELECT count(DISTINCT owner) FROM hivelog.lane"
            until("all own lanes", lambda spool=spool: spool.sql(owners) == str(drainers), pause=0.1)
            parts = {"drainers": {one.pid for one in running}, "database": {cluster.server.pid}, "destination": {server.server.pid}}
            began, left, used = time.monotonic(), spool.ready(), {part: processor(pids) for part, pids in parts.items()}
            until("all is sent", lambda spool=spool: spool.sql("SELECT EXISTS (SELECT 1 FROM hivelog.event)") == "f", 600, 0.25)
            rates[drainers] = left / (time.monotonic() - began)
            used = [f"{part} {(processor(pids) - used[part]) * 1e6 / left:.0f}" for part, pids in parts.items()]
            for one in running:
                one.send_signal(signal.SIGTERM)
                one.wait()
            print(f"  answered {name}, {drainers} drainers: {rates[drainers]:,.0f} records/s; us of processor a record: {', '.join(used)}", flush=True)
            spool.end()
        bar(f"two drainers, answered {name}", f"{rates[2]:,.0f} records/s", rates[2] >= 5_000, "5,000")
        bar(f"two over one, answered {name}", f"{rates[2] / rates[1]:.2f}", rates[2] / rates[1] >= 1.6, "1.6")
        server.end()
    cluster.remove()


class Distant:
    """Answers 200 to everything after 20 ms, in a process of its own."""

    CODE = """
import asyncio, re, sys
class Peer(asyncio.Protocol):
    def connection_made(self, transport): self.transport, self.data = transport, b""
    def data_received(self, data):
        self.data += data
        while (end := self.data.find(b"\\r\\n\\r\\n")) >= 0:
            length = int(re.search(rb"content-length: *(\\d+)", self.data[:end], re.I)[1])
            if len(self.data) < end + 4 + length: return
            self.data = self.data[end + 4 + length:]
            asyncio.get_running_loop().call_later(0.02, self.answer)
    def answer(self):
        if not self.transport.is_closing(): self.transport.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n")
async def main():
    server = await asyncio.get_running_loop().create_server(Peer, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
"""

    def __init__(self):
        self.port = free_port()
        self.server = subprocess.Popen([sys.executable, "-c", self.CODE, str(self.port)])
        self.url = f"http://127.0.0.1:{self.port}"
        until("it listens", lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0)

    def end(self):
        self.server.kill()
        self.server.wait()


def part_crowd():
    emitters = size("CROWD", 50)
    print(f"crowd: {emitters} emitters of 20 records, max_connections=10", flush=True)
    cluster = Cluster("max_connections = 10")
    spool = Spool(cluster, "http://127.0.0.1:9")
    running = [spool.start("emit", "--queue", "-q", "-", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(emitters)]
    for at, one in enumerate(running):
        one.stdin.write("".join(record(f"j{at}", at * 20 + n) + "\n" for n in range(20)).encode())
        one.stdin.close()
    inboxes = 0
    for one in running:
        inboxes += b"inbox" in one.stderr.read()
        if one.wait() != 0:
            failures.append("crowd: an emitter ended with another code than 0")
    spool.run("spool", "import")
    lost = emitters * 20 - spool.ready()
    print(f"  lost {lost}; {inboxes} used the inbox of their machine meanwhile", flush=True)
    if lost:
        failures.append("crowd")
    spool.end()
    cluster.remove()


def part_takeover():
    count = size("TAKEOVERS", 5)
    print(f"takeover: {count} times, lease {LEASE} s, tick {TICK} s", flush=True)
    cluster, nginx = Cluster(), Nginx()
    spool = Spool(cluster, nginx.url)
    drainers = [spool.drainer(), spool.drainer()]
    owned = "SELECT count(*) || ' ' || count(DISTINCT owner) FROM hivelog.lane WHERE owner IS NOT NULL"
    spool.run("emit", "--queue", "-", input=record("j1", 1).encode())
    took = []
    for _ in range(count):
        until("both own lanes", lambda: spool.sql(owned) == "64 2")
        victim = drainers.pop(0)
        until("its lease is new", lambda: float(spool.sql(f"SELECT extract(epoch FROM until - clock_timestamp()) FROM hivelog.drainer WHERE pid = {victim.pid}")) > LEASE - 0.5)
        victim.kill()
        victim.wait()
        began = time.monotonic()
        until("the other owns all", lambda: spool.sql(owned) == "64 1")
        took.append(time.monotonic() - began)
        drainers.append(spool.drainer())
    bar("longest", f"{max(took):.1f} s", max(took) <= LEASE + 2 * TICK, f"{LEASE + 2 * TICK} s")
    until("both own lanes", lambda: spool.sql(owned) == "64 2")
    drainers[0].send_signal(signal.SIGTERM)
    drainers[0].wait()
    began = time.monotonic()
    until("the other owns all", lambda: spool.sql(owned) == "64 1")
    took = time.monotonic() - began
    bar("after SIGTERM", f"{took:.1f} s", took <= TICK + 0.5, f"{TICK} s")
    spool.end()
    nginx.end()
    cluster.remove()


def part_idle():
    seconds = size("IDLE", 30)
    print(f"idle: {seconds} s", flush=True)
    cluster, nginx = Cluster(), Nginx()
    spool = Spool(cluster, nginx.url)
    spool.run("emit", "--queue", "-", input=record("j1", 1).encode())
    spool.drainer()
    until("it is sent", lambda: spool.ready() == 0)
    time.sleep(5)
    cluster.set("log_min_duration_statement", 0)
    since = os.path.getsize(cluster.log)
    time.sleep(seconds)
    with open(cluster.log) as file:
        file.seek(since)
        statements = sum("execute <unnamed>" in line for line in file)
    rate = statements / seconds
    bar("statements", f"{rate:.2f}/s", rate <= 5, "5/s")
    spool.end()
    nginx.end()
    cluster.remove()


def part_pinned():
    seconds = size("PINNED", 600)
    print(f"pinned: an open transaction for {seconds} s at 1,500 records/s", flush=True)
    cluster, nginx = Cluster(), Nginx()
    spool = Spool(cluster, nginx.url)
    emitter = spool.start("emit", "--queue", "-q", "-", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    ending = threading.Event()
    sent = [0]

    def feed():
        began = time.monotonic()
        while not ending.is_set():
            due = int((time.monotonic() - began) * 1500)
            if due > sent[0]:
                emitter.stdin.write("".join(record(f"j{n % 500}", n) + "\n" for n in range(sent[0], due)).encode())
                emitter.stdin.flush()
                sent[0] = due
            time.sleep(0.02)

    threading.Thread(target=feed, daemon=True).start()
    drainer = spool.drainer(jobs=64)
    time.sleep(10)
    window = min(30, seconds / 3)
    before = statistics.median(reads(spool, window, time.sleep))
    holder = subprocess.Popen([PROGRAMS + "/psql", "-X", "-q", "-U", "owner", "-h", cluster.folder, "-p", str(cluster.port), "-d", spool.name],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    holder.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM hivelog.spool;\n")
    holder.stdin.flush()
    time.sleep(seconds - window)
    after = statistics.median(reads(spool, window, time.sleep))
    waiting = spool.ready()
    dead = spool.sql("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = 'hivelog.event'::regclass")
    print(f"  p50 {before:.2f} ms before, {after:.2f} ms after; {sent[0]} sent, {waiting} waiting, {dead} dead rows", flush=True)
    bar("p50 after over before", f"{after / before:.2f}", after / before <= 2, "2")
    ending.set()
    drainer.send_signal(signal.SIGTERM)
    drainer.wait()
    emitter.stdin.close()
    emitter.wait()
    # A new owner behind all the dead rows.
    ledger = Ledger()
    spool.environment["HIVELOG_SYNCHIVE_URL"] = ledger.url
    spool.sql("UPDATE hivelog.destination SET address = replace(address, '%s', '%s')" % (nginx.url, ledger.url))
    spool.run("emit", "--queue", "-", input=record("last", 1).encode())
    began = time.monotonic()
    spool.drainer()
    until("the first arrives", lambda: ledger.arrived, 60, 0.002)
    took = (time.monotonic() - began) * 1000
    bar("a new drainer's first record", f"{took:.0f} ms", took <= 300, "300 ms")
    holder.stdin.close()
    spool.end()
    nginx.end()
    cluster.remove()


def part_program():
    print("program", flush=True)
    took = []
    for _ in range(100):
        began = time.monotonic()
        subprocess.run([HIVELOG, "codes"], stdout=subprocess.DEVNULL, env={"HOME": "/nonexistent"})
        took.append((time.monotonic() - began) * 1000)
    print(f"  {os.path.getsize(HIVELOG) / 1e6:.2f} MB; 'hivelog codes' {statistics.median(took):.2f} ms", flush=True)
    with_symbols = subprocess.run(["nm", "-C", "--size-sort", "-S", HIVELOG], capture_output=True, text=True).stdout
    added = re.compile(r"tokio_postgres|postgres_types|postgres_protocol|spool::postgres|\bhmac\b|\bsha2\b|\bmd5\b|\bstringprep\b")
    total = sum(int(line.split()[1], 16) for line in with_symbols.splitlines() if added.search(line))
    if total:
        bar("symbols of the client of PostgreSQL and of its spool", f"{total / 1e6:.2f} MB", total <= 1.3e6, "1.3 MB")
    else:
        print("  the binary has no symbols: build it with CARGO_PROFILE_RELEASE_STRIP=none to see what the client adds", flush=True)


PARTS = {
    "kills": lambda: faults("kills", size("KILLS", 200), 3, JOBS, kills),
    "stops": lambda: faults("stops", size("STOPS", 200), 3, 3 * JOBS, stops),
    "emitters": lambda: faults("emitters", size("EMITTERS", 50), 2, 0, emitter_kills),
    "pauses": lambda: faults("pauses", size("PAUSES", 50), 6, JOBS, pauses),
    "cuts": lambda: faults("cuts", size("CUTS", 50), 6, JOBS, cuts),
    "read": part_read, "append": part_append, "drain": part_drain, "crowd": part_crowd, "takeover": part_takeover,
    "idle": part_idle, "pinned": part_pinned, "program": part_program,
}

if __name__ == "__main__":
    chosen = sys.argv[1:] or list(PARTS)
    if not PROGRAMS or not os.path.exists(HIVELOG) or not set(chosen) <= set(PARTS):
        sys.exit(__doc__)
    for part in chosen:
        PARTS[part]()
    for what in failures:
        print(f"FAILED: {what}")
    strict = os.environ.get("HIVELOG_BENCH_STRICT") == "1"
    sys.exit(1 if failures or strict and missed else 0)
