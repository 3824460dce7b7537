//! What subcommands are for, in a paragraph: the beginning of the full help, and the description
//! of the manual page.

/// A subcommand's path, and its paragraphs.
const DESCRIPTIONS: &[(&str, &str)] = &[
    (
        "",
        "hivelog works with SyncHive event logs, with which a connector reports what it did with each message, and with the sys events of an automation server. It checks, sends, follows and counts them, and runs both servers on this machine for tests. Results go to standard output, everything else to standard error, and the exit code is the answer.",
    ),
    (
        "emit",
        "One event log is composed from flags; any number is read from files or standard input: a single object, an array, NDJSON, or concatenated objects. Each is checked against the rules of validate, written to the spool, sent byte for byte, and retried where that may help. Order is preserved within a journey, and many journeys are sent at once.\n\nWhat is accepted is never lost: a record that cannot be delivered now waits in the spool for 'spool drain'. With --queue nothing is sent at all, and 0 means that every record is durable.",
    ),
    (
        "validate",
        "Reads event logs and sys events of any length, recognises which is which, and reports every mistake with line, column, reason and fix. Rules look at single records and at journeys: what follows an error code, stages that go back, codes that share a number and not their meaning. The exit code is 1 when a finding reaches the level of --fail-on.\n\n'hivelog help rules' lists the rules, and 'hivelog explain RULE' gives reasons and examples.",
    ),
    (
        "codes",
        "Without a subcommand, searches the event codes by the beginning of a code or by words from its meaning; typos are tolerated. The subcommands list everything else that has a fixed meaning.",
    ),
    (
        "explain",
        "Explains what a value means, what follows from it and what to do. Case and separators are ignored: outbound4 is OUTBOUND_4. For a number that several codes share, each is shown, and whether they mean the same. An error text is recognised inside a longer one, such as a line of a log.",
    ),
    (
        "tail",
        "Follows the event stream of an automation server, receives what a flow sends (--listen), or reads recorded events. Filters select what is shown; conditions decide how it ends, so that a script can wait for an event or fail on one. After a broken connection the missed events are fetched where the server allows it, and reported as a gap where it does not: nothing is skipped silently.\n\n'hivelog help filters' and 'hivelog help where' describe filters and conditions.",
    ),
    (
        "journey",
        "A journey is all event logs of one message. With an id, its timeline is shown: the stages it reached, each event log with its meaning, what the rules found, and the sys events that name it. Without one, the journeys are listed, worst first.",
    ),
    (
        "run",
        "Sends an event log when a command starts, when it succeeds and when it fails, with the last lines of its standard error as technical information. The command always runs, whatever is wrong with settings, key or spool (unless --strict is given); signals are passed on to it, and run exits with its exit code.",
    ),
    (
        "spool",
        "The spool holds event logs that were accepted and are not delivered yet. These subcommands show what waits and why, send it, and requeue or delete records.",
    ),
    (
        "spool drain",
        "Sends what waits for the destination of the profile, in order within each journey, and reports what waits for other destinations. With --follow it runs until it is stopped and delivers records as they arrive. The exit code is 6 while records are left that have to wait.",
    ),
    (
        "stats",
        "Counts recorded events or event logs by group, with error rates and percentiles. A threshold turns it into a check: with --fail-on 'p95(duration_ms)>2s' the exit code is 1 when a group exceeds it.",
    ),
    (
        "sandbox",
        "Serves SyncHive's event log API and an automation server's event stream on loopback, with a page that shows journeys, findings and events as they arrive. Nothing leaves the machine, and no account is needed.",
    ),
    (
        "sandbox run",
        "Starts a sandbox for one command, passes it the address and a key in environment variables, and checks the event logs that it sent against the rules and, with --expect, against an expectation. The exit code is the command's own if that is not 0, else 1 if something was found, and 3 if no event log arrived.",
    ),
    (
        "config",
        "Profiles are named sets of settings in one file: addresses, connector, where the key comes from, defaults for event logs. Precedence, highest first: flags, environment, profile, settings outside any profile, built-in defaults.",
    ),
    (
        "doctor",
        "Checks the profile file, rules, spool, addresses, keys and login as the other subcommands would use them, and says what is wrong and how to fix it. With --probe it also connects to each server, without sending a key or a record.",
    ),
    (
        "completions",
        "Prints a script with which a shell completes commands, flags, files and values.",
    ),
    (
        "man",
        "Shows the page as text on a terminal, and prints it as roff, the input of man, elsewhere.",
    ),
];

/// The paragraphs of the subcommand at this path.
pub fn of(path: &str) -> Option<&'static str> {
    let found = DESCRIPTIONS.iter().find(|(known, _)| *known == path);
    found.map(|(_, text)| *text)
}
