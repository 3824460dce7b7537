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
        "One event log is composed from flags; any number is read from files or standard input: one object, an array, a line each, or one behind the other. Each is checked by the rules of validate, written to the spool, sent as it stands, and tried again where that may help. Order is kept within a journey, and many journeys are sent at once.\n\nWhat is accepted is never lost: a record that cannot be delivered now waits in the spool for 'spool drain'. With --queue nothing is sent at all, and 0 means that every record is durable.",
    ),
    (
        "validate",
        "Reads event logs and sys events of any length, recognises which is which, and reports every mistake with line, column, reason and remedy. Rules look at single records and at journeys: what follows an error code, stages that go back, codes that share a number and not their meaning. The answer is no (exit code 1) when a finding has the level of --fail-on.\n\n'hivelog help rules' lists the rules, and 'hivelog explain RULE' gives reasons and examples.",
    ),
    (
        "codes",
        "Without a subcommand, searches the event codes by the beginning of a code or by words of what it means; misspellings are forgiven. The subcommands list everything else that has a fixed meaning.",
    ),
    (
        "explain",
        "Says what a value means, what follows from it and what to do. Case and separators do not count: outbound4 is OUTBOUND_4. A number that several codes share shows each of them and whether they mean the same; an error text is recognised within whatever surrounds it.",
    ),
    (
        "tail",
        "Follows the event stream of an automation server, receives what a flow sends (--listen), or reads recorded events. Filters choose what is shown; conditions decide how it ends, so that a script can wait for an event or fail at one. A break in the stream is bridged where the server allows that, and reported where it does not: nothing is left out silently.\n\n'hivelog help filters' and 'hivelog help where' describe filters and conditions.",
    ),
    (
        "journey",
        "A journey is all event logs of one message. With an id, its story is drawn: the stages it reached, each event log with its meaning, what the rules found, and the sys events that name it. Without one, journeys are listed, the worst first.",
    ),
    (
        "run",
        "Sends an event log when a command starts, when it succeeds and when it fails, with its last lines on standard error as technical information. The command always runs, whatever is wrong with settings, key or spool (unless --strict says otherwise), signals reach it, and run ends with its exit code.",
    ),
    (
        "spool",
        "The spool holds event logs that were accepted and are not delivered yet. These subcommands show what waits and why, send it, and change or remove single records.",
    ),
    (
        "spool drain",
        "Sends what waits for the destination of the profile, in order within each journey, and says what waits for others. With --follow it runs until it is stopped and delivers records as they arrive. It ends with 6 while records are left that have to wait.",
    ),
    (
        "stats",
        "Counts recorded events or event logs by group, with error rates and percentiles. A threshold makes it a check: 'p95(duration_ms)>2s' ends with 1 when a group is beyond it.",
    ),
    (
        "sandbox",
        "Serves SyncHive's event log API and an automation server's event stream on loopback, with a page that shows journeys, findings and events as they arrive. Nothing leaves the machine, and no account is needed.",
    ),
    (
        "sandbox run",
        "Starts a sandbox for one command, hands it the address and a key in variables, and judges the event logs that it sent: by the rules, and by an expectation. It ends with the command's own code if that is not 0, else with 1 where something was found, and with 3 where no event log came.",
    ),
    (
        "config",
        "Profiles are named sets of settings in one file: addresses, connector, where the key comes from, defaults for event logs. A flag comes before a variable, a variable before the profile, and the profile before what holds for all profiles.",
    ),
    (
        "doctor",
        "Looks at profile file, rules, spool, addresses, keys and login as the other subcommands would, and says what is wrong and what to do. With --probe it also opens a connection to each server, without sending a key or a record.",
    ),
    (
        "completions",
        "Prints the script that makes a shell complete commands, flags, files and values.",
    ),
    (
        "man",
        "On a terminal shows the page as text, otherwise prints it as roff for man.",
    ),
];

/// The paragraphs of the subcommand at this path.
pub fn of(path: &str) -> Option<&'static str> {
    let found = DESCRIPTIONS.iter().find(|(known, _)| *known == path);
    found.map(|(_, text)| *text)
}
