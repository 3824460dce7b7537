# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hivelog_global_optspecs
    string join \n p/profile= config= o/output= color= timezone= no-input q/quiet v/verbose h/help V/version
end

function __fish_hivelog_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hivelog_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hivelog_using_subcommand
    set -l cmd (__fish_hivelog_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hivelog -n "__fish_hivelog_needs_command" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_needs_command" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_needs_command" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_needs_command" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_needs_command" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_needs_command" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_needs_command" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_needs_command" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_needs_command" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_needs_command" -s V -l version -d 'Print version'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "emit" -d 'Send event logs to SyncHive'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "validate" -d 'Find what is wrong with event logs before SyncHive does'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "codes" -d 'Search and list the glossary: codes, stages, outcomes, modes, sys events, rules'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "explain" -d 'Explain a code, stage, outcome, sys event type, rule or pasted error text'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "tail" -d 'Follow the sys events of an automation server'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "journey" -d 'Show the story of one message, or list the journeys in recorded event logs'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "run" -d 'Run a command and report its start and its result as event logs'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "spool" -d 'Manage the queue of undelivered event logs'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "stats" -d 'Count recorded events or event logs, with error rates and durations'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "sandbox" -d 'Run emulators of SyncHive and of the automation server on this machine'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "config" -d 'Create, list, choose and show profiles and their settings'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "doctor" -d 'Check the settings, the spool, the keys and the connections'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "man" -d 'Print the manual page, or write all of them'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "help" -d 'Print help on a subcommand or a topic'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s c -l code -d 'Event code, such as 4005E (\'hivelog codes\' lists them)' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s s -l stage -d 'Lifecycle stage, such as OUTBOUND_4' -r -f -a "INBOUND_1\t'Connector collect inbound data'
INBOUND_2\t'Connector assemble inbound message'
INBOUND_3\t'Connector transfer inbound message'
OUTBOUND_2\t'Connector receive outbound message'
OUTBOUND_3\t'Connector assemble outbound data'
OUTBOUND_4\t'Connector deliver outbound data'"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s d -l direction -d 'INBOUND or OUTBOUND; taken from the stage when left out' -r -f -a "INBOUND\t''
OUTBOUND\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l outcome -d 'Outcome; FAILED when left out with an E code' -r -f -a "WAITING\t'The message waits: work is queued or something else must happen first'
FILTERED\t'A filter or a rule left the message out on purpose'
RETRYING\t'It did not work yet and the connector will try again'
FAILED\t'It did not work and the connector has given up'
MESSAGE_STORED\t'The platform has stored the message; not for connectors'
MESSAGE_DELIVERED\t'The data has reached the external system'
PROCESSING\t'The connector is working on the message'"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l correlation-id -d 'Correlation id; generated for INBOUND when left out [env: HIVELOG_CORRELATION_ID]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l detail -d 'What happened, for a human reader (@FILE reads it from a file)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l state -d 'First part of the detail: what state are we in?' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l cause -d 'Second part of the detail: how did it happen?' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l action -d 'Third part of the detail: what can the reader do about it?' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l technical-info -d 'Technical message (@FILE reads it from a file)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l data-iri -d 'The data\'s address in SyncHive; needed for OUTBOUND' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l external-id -d 'The data\'s id in an external system (repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l integration -d 'Integration key [env: HIVELOG_INTEGRATION]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l shape -d 'Shape name, such as Product [env: HIVELOG_SHAPE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l schema -d 'Schema name, such as limber [env: HIVELOG_SCHEMA]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l schema-version -d 'Schema version [env: HIVELOG_SCHEMA_VERSION]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l mode -d 'LIVE or SANDBOX [env: HIVELOG_MODE]' -r -f -a "LIVE\t'Real operation'
SANDBOX\t'A trial that must not count as real operation'"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l stream -d 'Name of this part when one message is split into several' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l custom-data -d 'Custom data (JSON, or @FILE)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l link-identities -d 'Identities to link (JSON, or @FILE)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l generated-at -d 'When it happened; now when left out, \'none\' leaves the field out' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l default -d 'Set NAME in records that lack it (JSON or text; dotted path; repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l set -d 'Set NAME in every record (JSON or text; dotted path; repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l fail-on -d 'Lowest level that blocks a record: error, warning, hint or never; the other records are sent' -r -f -a "error\t''
warning\t''
hint\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l rejected -d 'Copy refused records to FILE, byte for byte' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l url -d 'SyncHive\'s address [env: HIVELOG_SYNCHIVE_URL]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l connector -d 'Key of the connector that sends [env: HIVELOG_CONNECTOR]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l key-header -d 'Header that carries the API key; X-<Name>-Connector-Key when left out [env: HIVELOG_KEY_HEADER]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s H -l header -d 'Additional header (repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l jobs -d 'Records in flight at once; order is preserved within a journey' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l rate -d 'Maximum records per second, such as 50/s' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l timeout -d 'Time limit of one attempt, and of waiting for a locked spool' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l retry-for -d 'Total time to keep retrying a record [default: 30s; run: 5s after the command]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s i -l interactive -d 'Prompt for the fields, show the request, then send it'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l no-validate -d 'Skip validation'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l fail-fast -d 'Stop at the first record that is not delivered'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l allow-empty -d 'Accept an input without records, which otherwise exits with 3'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l allow-http -d 'Allow http:// to machines other than this one'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l sandbox -d 'Send to an embedded emulator; needs no configuration'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l queue -d 'Store records durably in the spool and exit: nothing is sent, no key is needed'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l dry-run -d 'Show the requests instead of sending them; opens no socket'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l as-curl -d 'Show the requests as curl command lines; implies --dry-run'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l no-spool -d 'Keep records in memory only; what is not delivered when the process ends is lost'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l receipts -d 'Report each record as soon as it is durable in the spool'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l schema -d 'Kind of records: auto, event-log or sys-event' -r -f -a "auto\t''
event-log\t''
sys-event\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l rule -d 'Set a rule\'s level: NAME=error, warning, hint or off (repeatable)' -r -f -a "json-syntax=error\t'the record is not JSON'
json-syntax=warning\t'the record is not JSON'
json-syntax=hint\t'the record is not JSON'
json-syntax=off\t'the record is not JSON'
not-an-object=error\t'the record is JSON, but not an object'
not-an-object=warning\t'the record is JSON, but not an object'
not-an-object=hint\t'the record is JSON, but not an object'
not-an-object=off\t'the record is JSON, but not an object'
duplicate-member=error\t'the same member name appears twice in one object'
duplicate-member=warning\t'the same member name appears twice in one object'
duplicate-member=hint\t'the same member name appears twice in one object'
duplicate-member=off\t'the same member name appears twice in one object'
too-deep=error\t'the record is nested more than 64 levels deep'
too-deep=warning\t'the record is nested more than 64 levels deep'
too-deep=hint\t'the record is nested more than 64 levels deep'
too-deep=off\t'the record is nested more than 64 levels deep'
too-large=error\t'the record is larger than the limit'
too-large=warning\t'the record is larger than the limit'
too-large=hint\t'the record is larger than the limit'
too-large=off\t'the record is larger than the limit'
missing-field=error\t'a required field is missing'
missing-field=warning\t'a required field is missing'
missing-field=hint\t'a required field is missing'
missing-field=off\t'a required field is missing'
wrong-type=error\t'a field has another JSON type than documented'
wrong-type=warning\t'a field has another JSON type than documented'
wrong-type=hint\t'a field has another JSON type than documented'
wrong-type=off\t'a field has another JSON type than documented'
empty-value=error\t'a required text is empty or blank'
empty-value=warning\t'a required text is empty or blank'
empty-value=hint\t'a required text is empty or blank'
empty-value=off\t'a required text is empty or blank'
unknown-value=error\t'a value is not in the documented list'
unknown-value=warning\t'a value is not in the documented list'
unknown-value=hint\t'a value is not in the documented list'
unknown-value=off\t'a value is not in the documented list'
unknown-field=error\t'a field is not documented'
unknown-field=warning\t'a field is not documented'
unknown-field=hint\t'a field is not documented'
unknown-field=off\t'a field is not documented'
too-long=error\t'a text is longer than documented'
too-long=warning\t'a text is longer than documented'
too-long=hint\t'a text is longer than documented'
too-long=off\t'a text is longer than documented'
bad-timestamp=error\t'generatedAt is not a date and time with an offset'
bad-timestamp=warning\t'generatedAt is not a date and time with an offset'
bad-timestamp=hint\t'generatedAt is not a date and time with an offset'
bad-timestamp=off\t'generatedAt is not a date and time with an offset'
future-timestamp=error\t'generatedAt is more than five minutes in the future'
future-timestamp=warning\t'generatedAt is more than five minutes in the future'
future-timestamp=hint\t'generatedAt is more than five minutes in the future'
future-timestamp=off\t'generatedAt is more than five minutes in the future'
incomplete-reference=error\t'the data reference is incomplete'
incomplete-reference=warning\t'the data reference is incomplete'
incomplete-reference=hint\t'the data reference is incomplete'
incomplete-reference=off\t'the data reference is incomplete'
stringified-json=error\t'a string contains JSON'
stringified-json=warning\t'a string contains JSON'
stringified-json=hint\t'a string contains JSON'
stringified-json=off\t'a string contains JSON'
unknown-code=error\t'the event code is not in the glossary'
unknown-code=warning\t'the event code is not in the glossary'
unknown-code=hint\t'the event code is not in the glossary'
unknown-code=off\t'the event code is not in the glossary'
platform-only-stage=error\t'the stage is for platform use only'
platform-only-stage=warning\t'the stage is for platform use only'
platform-only-stage=hint\t'the stage is for platform use only'
platform-only-stage=off\t'the stage is for platform use only'
stage-direction-mismatch=error\t'the stage belongs to the other direction'
stage-direction-mismatch=warning\t'the stage belongs to the other direction'
stage-direction-mismatch=hint\t'the stage belongs to the other direction'
stage-direction-mismatch=off\t'the stage belongs to the other direction'
outbound-needs-iri=error\t'an OUTBOUND event log\'s dataId has no iri'
outbound-needs-iri=warning\t'an OUTBOUND event log\'s dataId has no iri'
outbound-needs-iri=hint\t'an OUTBOUND event log\'s dataId has no iri'
outbound-needs-iri=off\t'an OUTBOUND event log\'s dataId has no iri'
keys-only-reference=error\t'keys are the only identifier of the data reference'
keys-only-reference=warning\t'keys are the only identifier of the data reference'
keys-only-reference=hint\t'keys are the only identifier of the data reference'
keys-only-reference=off\t'keys are the only identifier of the data reference'
catch-all-code=error\t'a catch-all code is used where a specific one may exist'
catch-all-code=warning\t'a catch-all code is used where a specific one may exist'
catch-all-code=hint\t'a catch-all code is used where a specific one may exist'
catch-all-code=off\t'a catch-all code is used where a specific one may exist'
retrying-with-error-code=error\t'outcome RETRYING with an error code'
retrying-with-error-code=warning\t'outcome RETRYING with an error code'
retrying-with-error-code=hint\t'outcome RETRYING with an error code'
retrying-with-error-code=off\t'outcome RETRYING with an error code'
error-code-not-failed=error\t'an error code with an outcome other than FAILED'
error-code-not-failed=warning\t'an error code with an outcome other than FAILED'
error-code-not-failed=hint\t'an error code with an outcome other than FAILED'
error-code-not-failed=off\t'an error code with an outcome other than FAILED'
failed-without-error-code=error\t'outcome FAILED with an information code'
failed-without-error-code=warning\t'outcome FAILED with an information code'
failed-without-error-code=hint\t'outcome FAILED with an information code'
failed-without-error-code=off\t'outcome FAILED with an information code'
filter-outcome-mismatch=error\t'code and outcome disagree about filtering'
filter-outcome-mismatch=warning\t'code and outcome disagree about filtering'
filter-outcome-mismatch=hint\t'code and outcome disagree about filtering'
filter-outcome-mismatch=off\t'code and outcome disagree about filtering'
platform-outcome=error\t'MESSAGE_STORED is reported by the platform'
platform-outcome=warning\t'MESSAGE_STORED is reported by the platform'
platform-outcome=hint\t'MESSAGE_STORED is reported by the platform'
platform-outcome=off\t'MESSAGE_STORED is reported by the platform'
foreign-integration-key=error\t'an external identity names another integration'
foreign-integration-key=warning\t'an external identity names another integration'
foreign-integration-key=hint\t'an external identity names another integration'
foreign-integration-key=off\t'an external identity names another integration'
reference-name-mismatch=error\t'the data reference names another schema or shape than the record'
reference-name-mismatch=warning\t'the data reference names another schema or shape than the record'
reference-name-mismatch=hint\t'the data reference names another schema or shape than the record'
reference-name-mismatch=off\t'the data reference names another schema or shape than the record'
correlation-id-not-uuid=error\t'the correlation id is not a UUID'
correlation-id-not-uuid=warning\t'the correlation id is not a UUID'
correlation-id-not-uuid=hint\t'the correlation id is not a UUID'
correlation-id-not-uuid=off\t'the correlation id is not a UUID'
detail-missing=error\t'a warning or error has no detail'
detail-missing=warning\t'a warning or error has no detail'
detail-missing=hint\t'a warning or error has no detail'
detail-missing=off\t'a warning or error has no detail'
detail-unstructured=error\t'the detail of a warning or error is a single line'
detail-unstructured=warning\t'the detail of a warning or error is a single line'
detail-unstructured=hint\t'the detail of a warning or error is a single line'
detail-unstructured=off\t'the detail of a warning or error is a single line'
stack-trace-in-detail=error\t'the detail looks like a stack trace'
stack-trace-in-detail=warning\t'the detail looks like a stack trace'
stack-trace-in-detail=hint\t'the detail looks like a stack trace'
stack-trace-in-detail=off\t'the detail looks like a stack trace'
secret-in-text=error\t'a text seems to carry a key, token or password'
secret-in-text=warning\t'a text seems to carry a key, token or password'
secret-in-text=hint\t'a text seems to carry a key, token or password'
secret-in-text=off\t'a text seems to carry a key, token or password'
after-terminal-error=error\t'a record with another code follows an error code'
after-terminal-error=warning\t'a record with another code follows an error code'
after-terminal-error=hint\t'a record with another code follows an error code'
after-terminal-error=off\t'a record with another code follows an error code'
duplicate-log=error\t'the same event log appears again'
duplicate-log=warning\t'the same event log appears again'
duplicate-log=hint\t'the same event log appears again'
duplicate-log=off\t'the same event log appears again'
false-twin=error\t'two codes share their number but not their meaning'
false-twin=warning\t'two codes share their number but not their meaning'
false-twin=hint\t'two codes share their number but not their meaning'
false-twin=off\t'two codes share their number but not their meaning'
stage-goes-back=error\t'the stage is earlier than the one before'
stage-goes-back=warning\t'the stage is earlier than the one before'
stage-goes-back=hint\t'the stage is earlier than the one before'
stage-goes-back=off\t'the stage is earlier than the one before'
time-goes-back=error\t'generatedAt is earlier than in the record before'
time-goes-back=warning\t'generatedAt is earlier than in the record before'
time-goes-back=hint\t'generatedAt is earlier than in the record before'
time-goes-back=off\t'generatedAt is earlier than in the record before'
split-data-id=error\t'parts of one event have different data references'
split-data-id=warning\t'parts of one event have different data references'
split-data-id=hint\t'parts of one event have different data references'
split-data-id=off\t'parts of one event have different data references'
mixed-mode=error\t'LIVE and SANDBOX in one journey'
mixed-mode=warning\t'LIVE and SANDBOX in one journey'
mixed-mode=hint\t'LIVE and SANDBOX in one journey'
mixed-mode=off\t'LIVE and SANDBOX in one journey'
never-ended=error\t'the journey ends in an unfinished outcome'
never-ended=warning\t'the journey ends in an unfinished outcome'
never-ended=hint\t'the journey ends in an unfinished outcome'
never-ended=off\t'the journey ends in an unfinished outcome'
sys-missing-field=error\t'kind or type is missing'
sys-missing-field=warning\t'kind or type is missing'
sys-missing-field=hint\t'kind or type is missing'
sys-missing-field=off\t'kind or type is missing'
sys-unknown-type=error\t'the reference does not list this sys event'
sys-unknown-type=warning\t'the reference does not list this sys event'
sys-unknown-type=hint\t'the reference does not list this sys event'
sys-unknown-type=off\t'the reference does not list this sys event'
sys-wrong-type=error\t'a data field has another JSON type than documented'
sys-wrong-type=warning\t'a data field has another JSON type than documented'
sys-wrong-type=hint\t'a data field has another JSON type than documented'
sys-wrong-type=off\t'a data field has another JSON type than documented'
sys-missing-data=error\t'a data field that the reference lists is missing'
sys-missing-data=warning\t'a data field that the reference lists is missing'
sys-missing-data=hint\t'a data field that the reference lists is missing'
sys-missing-data=off\t'a data field that the reference lists is missing'
sys-contradiction=error\t'type and data contradict each other'
sys-contradiction=warning\t'type and data contradict each other'
sys-contradiction=hint\t'type and data contradict each other'
sys-contradiction=off\t'type and data contradict each other'
sys-star-in-type=error\t'a star is part of the type\'s name'
sys-star-in-type=warning\t'a star is part of the type\'s name'
sys-star-in-type=hint\t'a star is part of the type\'s name'
sys-star-in-type=off\t'a star is part of the type\'s name'"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l only -d 'Use only these rules' -r -f -a "json-syntax\t'the record is not JSON'
not-an-object\t'the record is JSON, but not an object'
duplicate-member\t'the same member name appears twice in one object'
too-deep\t'the record is nested more than 64 levels deep'
too-large\t'the record is larger than the limit'
missing-field\t'a required field is missing'
wrong-type\t'a field has another JSON type than documented'
empty-value\t'a required text is empty or blank'
unknown-value\t'a value is not in the documented list'
unknown-field\t'a field is not documented'
too-long\t'a text is longer than documented'
bad-timestamp\t'generatedAt is not a date and time with an offset'
future-timestamp\t'generatedAt is more than five minutes in the future'
incomplete-reference\t'the data reference is incomplete'
stringified-json\t'a string contains JSON'
unknown-code\t'the event code is not in the glossary'
platform-only-stage\t'the stage is for platform use only'
stage-direction-mismatch\t'the stage belongs to the other direction'
outbound-needs-iri\t'an OUTBOUND event log\'s dataId has no iri'
keys-only-reference\t'keys are the only identifier of the data reference'
catch-all-code\t'a catch-all code is used where a specific one may exist'
retrying-with-error-code\t'outcome RETRYING with an error code'
error-code-not-failed\t'an error code with an outcome other than FAILED'
failed-without-error-code\t'outcome FAILED with an information code'
filter-outcome-mismatch\t'code and outcome disagree about filtering'
platform-outcome\t'MESSAGE_STORED is reported by the platform'
foreign-integration-key\t'an external identity names another integration'
reference-name-mismatch\t'the data reference names another schema or shape than the record'
correlation-id-not-uuid\t'the correlation id is not a UUID'
detail-missing\t'a warning or error has no detail'
detail-unstructured\t'the detail of a warning or error is a single line'
stack-trace-in-detail\t'the detail looks like a stack trace'
secret-in-text\t'a text seems to carry a key, token or password'
after-terminal-error\t'a record with another code follows an error code'
duplicate-log\t'the same event log appears again'
false-twin\t'two codes share their number but not their meaning'
stage-goes-back\t'the stage is earlier than the one before'
time-goes-back\t'generatedAt is earlier than in the record before'
split-data-id\t'parts of one event have different data references'
mixed-mode\t'LIVE and SANDBOX in one journey'
never-ended\t'the journey ends in an unfinished outcome'
sys-missing-field\t'kind or type is missing'
sys-unknown-type\t'the reference does not list this sys event'
sys-wrong-type\t'a data field has another JSON type than documented'
sys-missing-data\t'a data field that the reference lists is missing'
sys-contradiction\t'type and data contradict each other'
sys-star-in-type\t'a star is part of the type\'s name'"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l skip -d 'Turn these rules off' -r -f -a "json-syntax\t'the record is not JSON'
not-an-object\t'the record is JSON, but not an object'
duplicate-member\t'the same member name appears twice in one object'
too-deep\t'the record is nested more than 64 levels deep'
too-large\t'the record is larger than the limit'
missing-field\t'a required field is missing'
wrong-type\t'a field has another JSON type than documented'
empty-value\t'a required text is empty or blank'
unknown-value\t'a value is not in the documented list'
unknown-field\t'a field is not documented'
too-long\t'a text is longer than documented'
bad-timestamp\t'generatedAt is not a date and time with an offset'
future-timestamp\t'generatedAt is more than five minutes in the future'
incomplete-reference\t'the data reference is incomplete'
stringified-json\t'a string contains JSON'
unknown-code\t'the event code is not in the glossary'
platform-only-stage\t'the stage is for platform use only'
stage-direction-mismatch\t'the stage belongs to the other direction'
outbound-needs-iri\t'an OUTBOUND event log\'s dataId has no iri'
keys-only-reference\t'keys are the only identifier of the data reference'
catch-all-code\t'a catch-all code is used where a specific one may exist'
retrying-with-error-code\t'outcome RETRYING with an error code'
error-code-not-failed\t'an error code with an outcome other than FAILED'
failed-without-error-code\t'outcome FAILED with an information code'
filter-outcome-mismatch\t'code and outcome disagree about filtering'
platform-outcome\t'MESSAGE_STORED is reported by the platform'
foreign-integration-key\t'an external identity names another integration'
reference-name-mismatch\t'the data reference names another schema or shape than the record'
correlation-id-not-uuid\t'the correlation id is not a UUID'
detail-missing\t'a warning or error has no detail'
detail-unstructured\t'the detail of a warning or error is a single line'
stack-trace-in-detail\t'the detail looks like a stack trace'
secret-in-text\t'a text seems to carry a key, token or password'
after-terminal-error\t'a record with another code follows an error code'
duplicate-log\t'the same event log appears again'
false-twin\t'two codes share their number but not their meaning'
stage-goes-back\t'the stage is earlier than the one before'
time-goes-back\t'generatedAt is earlier than in the record before'
split-data-id\t'parts of one event have different data references'
mixed-mode\t'LIVE and SANDBOX in one journey'
never-ended\t'the journey ends in an unfinished outcome'
sys-missing-field\t'kind or type is missing'
sys-unknown-type\t'the reference does not list this sys event'
sys-wrong-type\t'a data field has another JSON type than documented'
sys-missing-data\t'a data field that the reference lists is missing'
sys-contradiction\t'type and data contradict each other'
sys-star-in-type\t'a star is part of the type\'s name'"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l fail-on -d 'Lowest level that fails the run (exit code 1): error, warning, hint or never' -r -f -a "error\t''
warning\t''
hint\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l max-findings -d 'Show at most N findings [default: all]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l journey-key -d 'The fields that make a journey [default: integrationKey,correlationId,direction,stream]' -r -f -a "eventCode\t'An event code that represents the content of this event log'
direction\t'Direction of data flow: INBOUND into SyncHive, OUTBOUND out of SyncHive'
lifeCycleStage\t'The current stage of processing this event log relates to'
outcome\t'The outcome of this event'
generatedAt\t'Date and time with an offset from UTC'
detail\t'Human readable detail, stored as Markdown'
technicalInfo\t'A technical message for when more is needed than the detail'
correlationId\t'Correlation ID for related message tracing'
dataId\t'A data reference that ties this event log to data in SyncHive'
integrationKey\t'Source integration for the event log'
shapeName\t'The type of data this event log relates to'
mode\t'The mode of operation'
stream\t'Names one part of an event that is split into several'
schemaName\t'The name of the schema'
schemaVersion\t'The version of the schema'
customData\t'Custom data to attach'
linkIdentities\t'Links identities in asynchronous scenarios'"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l now -d 'Use TIME as the current time, for repeatable results' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l filter -d 'Print only these records, byte for byte: valid or invalid; findings go to standard error' -r -f -a "valid\t''
invalid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l fix -d 'Fix what is safe to fix, in place; standard input is fixed to standard output. With =timestamp, also write times as RFC 3339' -r -f -a "safe\t''
timestamp\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l baseline -d 'Ignore the findings recorded in this file' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l write-baseline -d 'Record this run\'s findings in a file for --baseline; the exit code is unchanged' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l report -d 'Write a report: sarif, junit, github, gitlab, json or markdown; without a file it takes the place of the findings on standard output (repeatable)' -r -f -a "sarif\t''
junit\t''
github\t''
gitlab\t''
json\t''
markdown\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l stdin-name -d 'Name for standard input in findings' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l fail-fast -d 'Stop at the first record that fails the run'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l all -d 'Show every finding instead of folding repeated ones'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l whole -d 'Require every journey to finish within this input'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l diff -d 'With --fix: print what would change as a unified diff, and write nothing'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l allow-empty -d 'Accept an input without records, which otherwise exits with 3'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l level -d 'Only codes of this level: N, W, E, info, warning or error' -r -f -a "N\t''
W\t''
E\t''
info\t''
warning\t''
error\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l category -d 'Only codes of this category: data, logic, filter, contact, exchange or internal' -r -f -a "data\t''
logic\t''
filter\t''
contact\t''
exchange\t''
internal\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "stages" -d 'The lifecycle stages and who may report them'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "outcomes" -d 'The outcomes'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "modes" -d 'The modes of operation'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "sys" -d 'The sys events and the data they carry'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "rules" -d 'The rules that validate and emit apply'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "pick" -d 'Suggest codes for a situation, best first, with reasons'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "export" -d 'Export the glossary for other programs'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l side -d 'The system that was called: synchive or external' -r -f -a "synchive\t''
external\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l http -d 'The HTTP status it returned' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l category -d 'Only codes of this category: data, logic, filter, contact, exchange or internal' -r -f -a "data\t''
logic\t''
filter\t''
contact\t''
exchange\t''
internal\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l retrying -d 'The connector is going to retry: warnings only'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l format -d 'Format to write: json, csv, markdown, typescript, rust, java or json-schema, which also includes the profile\'s check.extra_codes' -r -f -a "json\t''
csv\t''
markdown\t''
typescript\t''
rust\t''
java\t''
json-schema\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l server -d 'The automation server [env: HIVELOG_SERVER_URL]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l listen -d 'Receive what an event trigger\'s flow sends with an HTTP node: HOST:PORT, :PORT or PORT' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l listen-path -d 'Accept events at this path only [default: any path]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l listen-secret-header -d 'The header that carries the shared secret (HIVELOG_LISTEN_SECRET)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l listen-secret-file -d 'A file that holds the shared secret, readable by its owner only' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l events-path -d 'Path of the event stream [env: HIVELOG_EVENTS_PATH] [default: /api/v1/events/stream]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l transport -d 'How events are carried: auto, sse, ndjson, websocket or poll' -r -f -a "auto\t''
sse\t''
ndjson\t''
websocket\t''
poll\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l poll-interval -d 'Time between two polls' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l page-items -d 'Where the events are in a page (RFC 6901)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l cursor-param -d 'The query parameter that carries the id of the last event seen' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l cursor-pointer -d 'Where a page holds the cursor of the next one (RFC 6901), sent in --cursor-param' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l subprotocol -d 'The WebSocket subprotocol to request' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l hello -d 'The first WebSocket message, with {token} and {position} filled in (repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l auth -d 'How the token is sent: bearer, basic (user name and password, no login) or header:NAME [default: bearer]' -r -f -a "bearer\t''
basic\t''
header:\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l username -d 'User who logs in; the password comes from a variable, file or command [env: HIVELOG_SERVER_USERNAME]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l envelope -d 'Where the envelope is inside what arrives (RFC 6901)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l type-from -d 'Where an event\'s type is, if not in its envelope: sse-event (the name in the stream) or a JSON pointer' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s n -l last -d 'Show only the last N recorded events (or of the first page)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s t -l type -d 'Event types: comma-separated globs, ! to exclude, or a group: @bad, @auth, @trigger, @server' -r -f -a "@bad\t'*.error, *.failed, *.disabled, license.invalid'
@auth\t'auth.*'
@trigger\t'trigger.*'
@server\t'server.*, license.*'
server.ready\t'The server has started'
server.shutdown\t'The server has begun its graceful shutdown'
license.invalid\t'The license has changed from valid to invalid; flows need a valid license to run'
license.valid\t'The license has changed from invalid to valid'
auth.ok\t'Somebody authenticated via the API'
auth.error\t'An authentication via the API failed'
auth.renew\t'An authentication token was renewed via the API'
trigger.schedule.sync\t'The scheduler has synchronised the database, its schedule cache and its jobs'
trigger.schedule.ok\t'A schedule trigger ran its flow without an error'
trigger.schedule.error\t'A schedule trigger ran its flow, and the flow ended with an error'
trigger.schedule.failed\t'A schedule trigger could not run its flow at all'
trigger.schedule.disabled\t'The server has disabled a schedule trigger after a critical failure'
trigger.event.sync\t'The event trigger processor has synchronised (the reference repeats the scheduler\'s words here)'
trigger.event.ok\t'An event trigger ran its flow without an error'
trigger.event.error\t'An event trigger ran its flow, and the flow ended with an error'
trigger.event.failed\t'An event trigger could not run its flow at all'
trigger.event.disabled\t'The server has disabled an event trigger after a critical failure'"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l trigger -d 'Only events of this trigger; names match in any case' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l flow -d 'Only events of this flow; names match in any case' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l where -d 'Only records that match an expression, such as \'data.inputs > 100 and not handled\' (\'hivelog help where\')' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l since -d 'Only from this time on: yesterday, today, 22:00, 2026-11-25, \'2026-11-25 22:00\', RFC 3339, epoch, or how long ago (3h)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l before -d 'Only before this time; the same forms' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l kind -d 'Events of the server (sys), of flows (usr), or all' -r -f -a "sys\t''
usr\t''
all\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l status -d 'Only events with this status' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l slower-than -d 'Only flows that ran longer than this' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l grep -d 'Only events whose text matches a regular expression' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l until -d 'Exit with 0 at the first event that matches' -r -f -a "server.ready\t'The server has started'
server.shutdown\t'The server has begun its graceful shutdown'
license.invalid\t'The license has changed from valid to invalid; flows need a valid license to run'
license.valid\t'The license has changed from invalid to valid'
auth.ok\t'Somebody authenticated via the API'
auth.error\t'An authentication via the API failed'
auth.renew\t'An authentication token was renewed via the API'
trigger.schedule.sync\t'The scheduler has synchronised the database, its schedule cache and its jobs'
trigger.schedule.ok\t'A schedule trigger ran its flow without an error'
trigger.schedule.error\t'A schedule trigger ran its flow, and the flow ended with an error'
trigger.schedule.failed\t'A schedule trigger could not run its flow at all'
trigger.schedule.disabled\t'The server has disabled a schedule trigger after a critical failure'
trigger.event.sync\t'The event trigger processor has synchronised (the reference repeats the scheduler\'s words here)'
trigger.event.ok\t'An event trigger ran its flow without an error'
trigger.event.error\t'An event trigger ran its flow, and the flow ended with an error'
trigger.event.failed\t'An event trigger could not run its flow at all'
trigger.event.disabled\t'The server has disabled an event trigger after a critical failure'"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l fail-on -d 'Exit with 1 at the first event that matches' -r -f -a "server.ready\t'The server has started'
server.shutdown\t'The server has begun its graceful shutdown'
license.invalid\t'The license has changed from valid to invalid; flows need a valid license to run'
license.valid\t'The license has changed from invalid to valid'
auth.ok\t'Somebody authenticated via the API'
auth.error\t'An authentication via the API failed'
auth.renew\t'An authentication token was renewed via the API'
trigger.schedule.sync\t'The scheduler has synchronised the database, its schedule cache and its jobs'
trigger.schedule.ok\t'A schedule trigger ran its flow without an error'
trigger.schedule.error\t'A schedule trigger ran its flow, and the flow ended with an error'
trigger.schedule.failed\t'A schedule trigger could not run its flow at all'
trigger.schedule.disabled\t'The server has disabled a schedule trigger after a critical failure'
trigger.event.sync\t'The event trigger processor has synchronised (the reference repeats the scheduler\'s words here)'
trigger.event.ok\t'An event trigger ran its flow without an error'
trigger.event.error\t'An event trigger ran its flow, and the flow ended with an error'
trigger.event.failed\t'An event trigger could not run its flow at all'
trigger.event.disabled\t'The server has disabled an event trigger after a critical failure'"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l expect -d 'Exit with 1 unless an event has matched by the end' -r -f -a "server.ready\t'The server has started'
server.shutdown\t'The server has begun its graceful shutdown'
license.invalid\t'The license has changed from valid to invalid; flows need a valid license to run'
license.valid\t'The license has changed from invalid to valid'
auth.ok\t'Somebody authenticated via the API'
auth.error\t'An authentication via the API failed'
auth.renew\t'An authentication token was renewed via the API'
trigger.schedule.sync\t'The scheduler has synchronised the database, its schedule cache and its jobs'
trigger.schedule.ok\t'A schedule trigger ran its flow without an error'
trigger.schedule.error\t'A schedule trigger ran its flow, and the flow ended with an error'
trigger.schedule.failed\t'A schedule trigger could not run its flow at all'
trigger.schedule.disabled\t'The server has disabled a schedule trigger after a critical failure'
trigger.event.sync\t'The event trigger processor has synchronised (the reference repeats the scheduler\'s words here)'
trigger.event.ok\t'An event trigger ran its flow without an error'
trigger.event.error\t'An event trigger ran its flow, and the flow ended with an error'
trigger.event.failed\t'An event trigger could not run its flow at all'
trigger.event.disabled\t'The server has disabled an event trigger after a critical failure'"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l count -d 'Exit after N events' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l timeout -d 'Stop after DUR (exit code 8)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l idle-timeout -d 'Stop when nothing has arrived for DUR (exit code 8)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l settle -d 'After success, keep watching this long for a --fail-on match' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l reconnect -d 'Give up after N consecutive failed connections, or never (forever), also before the first one [default: forever, once connected]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l resume -d 'Save the position under this name, and continue from it the next time; events of files are recognised by their ids' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l gap -d 'What to do about a gap that may have lost events: warn, fail or ignore' -r -f -a "warn\t''
fail\t''
ignore\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l ready-file -d 'Write the source\'s address to this file once it is ready' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l fields -d 'The fields to show [default: all]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l time -d 'How times are shown: full, short, delta or none' -r -f -a "full\t''
short\t''
delta\t''
none\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l advice -d 'How often to show the advice for a kind of failure: once, always or never' -r -f -a "once\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l summary -d 'Show a summary instead of the events: live on a terminal, at the end (and every DUR) in a pipe' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l on-slow -d 'When the reader is too slow: wait (hold the stream back) or drop (leave events out and count them)' -r -f -a "wait\t''
drop\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l tee -d 'Also append what is shown to a file, as ndjson' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l source -d 'The source attribute of each event with -o cloudevents [default: the event\'s own src, else the server\'s address]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l redact -d 'Hide the values of these fields' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l sandbox -d 'Follow the embedded emulator'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s f -l follow -d 'Keep reading files as they grow, are rotated, truncated or replaced'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l no-follow -d 'Show what is there and exit'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l allow-http -d 'Allow http:// to machines other than this one'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l allow-empty -d 'Accept an input without records, which otherwise exits with 3'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l hide-self -d 'Hide the events that hivelog\'s own logins cause'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l meta -d 'Also show hivelog\'s own records'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -l status -d 'List only journeys with this status: failed, retrying, open or done (repeatable)' -r -f -a "failed\t''
retrying\t''
open\t''
done\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -l since -d 'Only journeys with an event log from this time on, each shown whole: yesterday, today, 22:00, 2026-11-25, \'2026-11-25 22:00\', RFC 3339, epoch, or how long ago (3h)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -l before -d 'Only journeys with an event log before this time; the same forms' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -l spool -d 'Include records that wait in the spool'
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -l open -d 'Show the page (-o html) in the browser'
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand journey" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -s c -l code -d 'Event code, such as 4005E (\'hivelog codes\' lists them)' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -s s -l stage -d 'Lifecycle stage, such as OUTBOUND_4' -r -f -a "INBOUND_1\t'Connector collect inbound data'
INBOUND_2\t'Connector assemble inbound message'
INBOUND_3\t'Connector transfer inbound message'
OUTBOUND_2\t'Connector receive outbound message'
OUTBOUND_3\t'Connector assemble outbound data'
OUTBOUND_4\t'Connector deliver outbound data'"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -s d -l direction -d 'INBOUND or OUTBOUND; taken from the stage when left out' -r -f -a "INBOUND\t''
OUTBOUND\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l outcome -d 'Outcome; FAILED when left out with an E code' -r -f -a "WAITING\t'The message waits: work is queued or something else must happen first'
FILTERED\t'A filter or a rule left the message out on purpose'
RETRYING\t'It did not work yet and the connector will try again'
FAILED\t'It did not work and the connector has given up'
MESSAGE_STORED\t'The platform has stored the message; not for connectors'
MESSAGE_DELIVERED\t'The data has reached the external system'
PROCESSING\t'The connector is working on the message'"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l correlation-id -d 'Correlation id; generated for INBOUND when left out [env: HIVELOG_CORRELATION_ID]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l detail -d 'What happened, for a human reader (@FILE reads it from a file)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l state -d 'First part of the detail: what state are we in?' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l cause -d 'Second part of the detail: how did it happen?' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l action -d 'Third part of the detail: what can the reader do about it?' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l technical-info -d 'Technical message (@FILE reads it from a file)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l data-iri -d 'The data\'s address in SyncHive; needed for OUTBOUND' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l external-id -d 'The data\'s id in an external system (repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l integration -d 'Integration key [env: HIVELOG_INTEGRATION]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l shape -d 'Shape name, such as Product [env: HIVELOG_SHAPE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l schema -d 'Schema name, such as limber [env: HIVELOG_SCHEMA]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l schema-version -d 'Schema version [env: HIVELOG_SCHEMA_VERSION]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l mode -d 'LIVE or SANDBOX [env: HIVELOG_MODE]' -r -f -a "LIVE\t'Real operation'
SANDBOX\t'A trial that must not count as real operation'"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l stream -d 'Name of this part when one message is split into several' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l custom-data -d 'Custom data (JSON, or @FILE)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l link-identities -d 'Identities to link (JSON, or @FILE)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l generated-at -d 'When it happened; now when left out, \'none\' leaves the field out' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l on-start -d 'Event code to send when the command starts [default: none]' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l on-success -d 'Event code to send when it succeeds [default: none]' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l on-failure -d 'Event code to send when it fails [default: none]' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l tail-lines -d 'How many of its last lines on standard error to send with a failure' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l url -d 'SyncHive\'s address [env: HIVELOG_SYNCHIVE_URL]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l connector -d 'Key of the connector that sends [env: HIVELOG_CONNECTOR]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l key-header -d 'Header that carries the API key; X-<Name>-Connector-Key when left out [env: HIVELOG_KEY_HEADER]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -s H -l header -d 'Additional header (repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l jobs -d 'Records in flight at once; order is preserved within a journey' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l rate -d 'Maximum records per second, such as 50/s' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l timeout -d 'Time limit of one attempt, and of waiting for a locked spool' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l retry-for -d 'Total time to keep retrying a record [default: 30s; run: 5s after the command]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l allow-http -d 'Allow http:// to machines other than this one'
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l strict -d 'Do not run the command if its event logs could be neither sent nor stored'
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l no-spool -d 'Keep event logs in memory only'
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand run" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "status" -d 'Count undelivered records for each destination, and say why they wait'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "list" -d 'List undelivered records'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "show" -d 'Show one record with its bytes'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "drain" -d 'Send the undelivered records'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "retry" -d 'Requeue rejected or delayed records for immediate delivery'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "drop" -d 'Permanently delete queued records'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "export" -d 'Write records to standard output, byte for byte; dead ones only with --dead'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "import" -d 'Add the records that \'spool export -o ndjson\' wrote, each once'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "verify" -d 'Check the spool\'s files and the bytes of every record'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "migrate" -d 'Assign records of an older version, which stored only the address, to a destination'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "path" -d 'Print the path or address of the spool'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "move" -d 'Move records to another spool, each once; dead ones with --dead or their ids'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and not __fish_seen_subcommand_from status list show drain retry drop export import verify migrate path move init" -f -a "init" -d 'Create the spool; for a shared one, print or grant the rights it needs'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -l fail-on -d 'Exit with 1 if this holds: \'oldest>1h\', \'ready>=1000\', \'dead\', \'bytes>500MiB\', \'held\'' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l code -d 'Only records with this event code' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l journey -d 'Only records of this journey: a correlation id, or 8 characters or more of its beginning' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l destination -d 'Only records for this address, or addresses that begin with it' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l since -d 'Only records accepted since this time' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l dead -d 'Only records that were rejected for good'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l ready -d 'Only records that are still to be sent'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l lease -d 'How long a drainer of a shared spool that has gone silent keeps its share; at least twice --timeout and 10s [default: 30s]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l metrics -d 'Serve the metrics of \'spool status\' to Prometheus at HOST:PORT, :PORT or PORT' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l url -d 'SyncHive\'s address [env: HIVELOG_SYNCHIVE_URL]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l connector -d 'Key of the connector that sends [env: HIVELOG_CONNECTOR]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l key-header -d 'Header that carries the API key; X-<Name>-Connector-Key when left out [env: HIVELOG_KEY_HEADER]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -s H -l header -d 'Additional header (repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l jobs -d 'Records in flight at once; order is preserved within a journey' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l rate -d 'Maximum records per second, such as 50/s' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l timeout -d 'Time limit of one attempt, and of waiting for a locked spool' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l retry-for -d 'Total time to keep retrying a record [default: 30s; run: 5s after the command]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l follow -d 'Keep running and deliver records as they arrive; for a service manager'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l dead -d 'Also send dead records: requeue them first'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l all-profiles -d 'Send for every destination in the profile file, each with its own key'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l allow-http -d 'Allow http:// to machines other than this one'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drain" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l code -d 'Only records with this event code' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l journey -d 'Only records of this journey: a correlation id, or 8 characters or more of its beginning' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l destination -d 'Only records for this address, or addresses that begin with it' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l since -d 'Only records accepted since this time' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l dead -d 'Only records that were rejected for good'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l ready -d 'Only records that are still to be sent'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l all -d 'All records, or all that the other options select'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l yes -d 'Do not ask for confirmation'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l code -d 'Only records with this event code' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l journey -d 'Only records of this journey: a correlation id, or 8 characters or more of its beginning' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l destination -d 'Only records for this address, or addresses that begin with it' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l since -d 'Only records accepted since this time' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l dead -d 'Only records that were rejected for good'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l ready -d 'Only records that are still to be sent'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l all -d 'All records, or all that the other options select'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l yes -d 'Do not ask for confirmation'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from drop" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l code -d 'Only records with this event code' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l journey -d 'Only records of this journey: a correlation id, or 8 characters or more of its beginning' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l destination -d 'Only records for this address, or addresses that begin with it' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l since -d 'Only records accepted since this time' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l dead -d 'Only records that were rejected for good'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l ready -d 'Only records that are still to be sent'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l url -d 'SyncHive\'s address [env: HIVELOG_SYNCHIVE_URL]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l connector -d 'Key of the connector that sends [env: HIVELOG_CONNECTOR]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l key-header -d 'Header that carries the API key; X-<Name>-Connector-Key when left out [env: HIVELOG_KEY_HEADER]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -s H -l header -d 'Additional header (repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l allow-http -d 'Allow http:// to machines other than this one'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from migrate" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l to -d 'Where to: a folder, or postgres://…' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l code -d 'Only records with this event code' -r -f -a "1000N\t'INFO: Data saved'
1000W\t'WARNING: Could not save data'
1001E\t'ERROR: Data rejected by external system'
1001W\t'WARNING: Key data is missing'
1002E\t'ERROR: Key data is missing'
1003E\t'ERROR: Duplicate data ID'
1004E\t'ERROR: Invalid message'
1004W\t'WARNING: Invalid message'
1005E\t'ERROR: Data is missing'
2000N\t'INFO: Message created'
2001E\t'ERROR: Bad data received from external system'
2002E\t'ERROR: Message transformation failed'
3000N\t'INFO: Message filtered'
3001N\t'INFO: Message skipped'
3002E\t'ERROR: Invalid filter'
4000N\t'INFO: Authenticated with SyncHive'
4001N\t'INFO: Authenticated with external system'
4002E\t'ERROR: Could not reach SyncHive'
4003W\t'WARNING: Could not reach external system'
4003E\t'ERROR: Could not reach external system'
4004E\t'ERROR: Authentication to SyncHive failed'
4004W\t'WARNING: Rate Limit Exceeded'
4005E\t'ERROR: Authentication to external system failed'
5000N\t'INFO: Message sent'
5001N\t'INFO: Message received'
5002E\t'ERROR: SyncHive rejected the message'
5003E\t'ERROR: Data rejected by external system'
5003N\t'INFO: Data polled'
5004N\t'INFO: Data received'
5005N\t'INFO: Data sent'
5006W\t'WARNING: Unauthorized'
5006E\t'ERROR: Unauthorized'
5007W\t'WARNING: Connector unavailable'
5007E\t'ERROR: Connector unavailable'
5008W\t'WARNING: Platform unavailable'
5008E\t'ERROR: Platform unavailable'
0000E\t'ERROR: Error'
0000W\t'WARNING: Warning'"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l journey -d 'Only records of this journey: a correlation id, or 8 characters or more of its beginning' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l destination -d 'Only records for this address, or addresses that begin with it' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l since -d 'Only records accepted since this time' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l dead -d 'Only records that were rejected for good'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l ready -d 'Only records that are still to be sent'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from move" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -l grant-sender -d 'Grant this role the rights to append and list' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -l grant-drainer -d 'Grant this role the rights to send as well' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -l spool -d 'Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -l allow-unsafe-database -d 'Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -l allow-http -d 'Allow an unencrypted connection to a database on another machine'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand spool; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l by -d 'What to group by, two at most: flow, trigger, type, status, error, code, integration, shape, stage, outcome, journey, hour, day or file [default: flow for events, code for event logs]' -r -f -a "flow\t''
trigger\t''
type\t''
status\t''
error\t''
code\t''
integration\t''
shape\t''
stage\t''
outcome\t''
journey\t''
hour\t''
day\t''
file\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l field -d 'Field whose values are measured [default: duration_ms]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l percentiles -d 'Percentiles to show' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l sort -d 'Order of the groups: count, errors, rate, p99 or the like, or key [default: key for hour and day, else count]' -r -f -a "count\t''
errors\t''
rate\t''
key\t''
p50\t''
p90\t''
p99\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l top -d 'Show at most N groups [default: all]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l against -d 'A second set to compare with: shown below each group, with the change (repeatable)' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l fail-on -d 'Exit with 1 if this holds for a group: \'p95(duration_ms)>2s\', \'errorRate>5%\', \'count>1000\', and with --against \'p95>1.5x\'' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -s t -l type -d 'Event types: comma-separated globs, ! to exclude, or a group: @bad, @auth, @trigger, @server' -r -f -a "@bad\t'*.error, *.failed, *.disabled, license.invalid'
@auth\t'auth.*'
@trigger\t'trigger.*'
@server\t'server.*, license.*'
server.ready\t'The server has started'
server.shutdown\t'The server has begun its graceful shutdown'
license.invalid\t'The license has changed from valid to invalid; flows need a valid license to run'
license.valid\t'The license has changed from invalid to valid'
auth.ok\t'Somebody authenticated via the API'
auth.error\t'An authentication via the API failed'
auth.renew\t'An authentication token was renewed via the API'
trigger.schedule.sync\t'The scheduler has synchronised the database, its schedule cache and its jobs'
trigger.schedule.ok\t'A schedule trigger ran its flow without an error'
trigger.schedule.error\t'A schedule trigger ran its flow, and the flow ended with an error'
trigger.schedule.failed\t'A schedule trigger could not run its flow at all'
trigger.schedule.disabled\t'The server has disabled a schedule trigger after a critical failure'
trigger.event.sync\t'The event trigger processor has synchronised (the reference repeats the scheduler\'s words here)'
trigger.event.ok\t'An event trigger ran its flow without an error'
trigger.event.error\t'An event trigger ran its flow, and the flow ended with an error'
trigger.event.failed\t'An event trigger could not run its flow at all'
trigger.event.disabled\t'The server has disabled an event trigger after a critical failure'"
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l trigger -d 'Only events of this trigger; names match in any case' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l flow -d 'Only events of this flow; names match in any case' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l where -d 'Only records that match an expression, such as \'data.inputs > 100 and not handled\' (\'hivelog help where\')' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l since -d 'Only from this time on: yesterday, today, 22:00, 2026-11-25, \'2026-11-25 22:00\', RFC 3339, epoch, or how long ago (3h)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l before -d 'Only before this time; the same forms' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l allow-empty -d 'Accept an input without records, which otherwise exits with 3'
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand stats" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l port -d 'Port to listen on; a free one when left out' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l seed -d 'Seed of the sys events, ids and faults; the same seed gives the same run' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l rate -d 'Sys events per second, such as 5/s or 0' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l faults -d 'Inject faults, such as \'503:5%, delay:50ms..200ms, cut-stream:every=30s\' (\'hivelog help sandbox\' lists them)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l record -d 'Write every request to this file as NDJSON' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l token-life -d 'Lifetime of a token from the login' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l expose -d 'Accept connections from other machines, on every address or on ADDRESS only [default: this machine only]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l require-login -d 'Require a login before events can be read'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l open -d 'Show the page in the browser; after \'sandbox run\' it stays, with the verdict, until Ctrl-C'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -f -a "run" -d 'Run a program\'s tests and judge them by the event logs they sent'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -f -a "fire" -d 'Raise an event in a running sandbox'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and not __fish_seen_subcommand_from run fire play" -f -a "play" -d 'Replay recorded events in a running sandbox'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l fail-on -d 'Findings that fail the run: error, warning, hint or never' -r -f -a "error\t''
warning\t''
hint\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l expect -d 'Expected journeys and codes, a TOML file (\'hivelog help sandbox\')' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l report -d 'Write a report: sarif, junit, github, gitlab, json or markdown, to standard output or a file (repeatable)' -r -f -a "sarif\t''
junit\t''
github\t''
gitlab\t''
json\t''
markdown\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l port -d 'Port to listen on; a free one when left out' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l seed -d 'Seed of the sys events, ids and faults; the same seed gives the same run' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l rate -d 'Sys events per second, such as 5/s or 0' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l faults -d 'Inject faults, such as \'503:5%, delay:50ms..200ms, cut-stream:every=30s\' (\'hivelog help sandbox\' lists them)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l record -d 'Write every request to this file as NDJSON' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l token-life -d 'Lifetime of a token from the login' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l expose -d 'Accept connections from other machines, on every address or on ADDRESS only [default: this machine only]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l update -d 'Write what was sent into the --expect file'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l whole -d 'Require every journey to finish'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l allow-empty -d 'Accept an input without records, which otherwise exits with 3'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l require-login -d 'Require a login before events can be read'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l open -d 'Show the page in the browser; after \'sandbox run\' it stays, with the verdict, until Ctrl-C'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -l set -d 'Data field of the preceding event (JSON or text; repeatable)' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -l then -d 'Event that follows from it (repeatable)' -r -f -a "server.ready\t'The server has started'
server.shutdown\t'The server has begun its graceful shutdown'
license.invalid\t'The license has changed from valid to invalid; flows need a valid license to run'
license.valid\t'The license has changed from invalid to valid'
auth.ok\t'Somebody authenticated via the API'
auth.error\t'An authentication via the API failed'
auth.renew\t'An authentication token was renewed via the API'
trigger.schedule.sync\t'The scheduler has synchronised the database, its schedule cache and its jobs'
trigger.schedule.ok\t'A schedule trigger ran its flow without an error'
trigger.schedule.error\t'A schedule trigger ran its flow, and the flow ended with an error'
trigger.schedule.failed\t'A schedule trigger could not run its flow at all'
trigger.schedule.disabled\t'The server has disabled a schedule trigger after a critical failure'
trigger.event.sync\t'The event trigger processor has synchronised (the reference repeats the scheduler\'s words here)'
trigger.event.ok\t'An event trigger ran its flow without an error'
trigger.event.error\t'An event trigger ran its flow, and the flow ended with an error'
trigger.event.failed\t'An event trigger could not run its flow at all'
trigger.event.disabled\t'The server has disabled an event trigger after a critical failure'"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -l server -d 'The sandbox\'s address [env: HIVELOG_SERVER_URL]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from fire" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -l speed -d 'How many times faster, such as 60x' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -l server -d 'The sandbox\'s address [env: HIVELOG_SERVER_URL]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox; and __fish_seen_subcommand_from play" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -f -a "init" -d 'Create a profile by answering questions, and test it'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -f -a "list" -d 'List the profiles'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -f -a "use" -d 'Make a profile the default'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -f -a "edit" -d 'Open the profile file in an editor ($VISUAL or $EDITOR), and check it'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -f -a "show" -d 'Show the settings in effect'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init list use edit show path" -f -a "path" -d 'Print the path of the profile file'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from list" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from list" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from list" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from list" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from list" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from use" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from use" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from use" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from use" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from use" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from use" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from use" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from use" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from edit" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from edit" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from edit" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from edit" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from edit" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from edit" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Show where each value comes from'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -l probe -d 'Also connect to each configured server; no key and no record is sent'
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -l allow-http -d 'Allow http:// to machines other than this one'
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand doctor" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l dir -d 'Write the pages of all subcommands into this folder instead' -r -f -a "(__fish_complete_directories)"
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s h -l help -d 'Print help (with -h, only the most used options)'
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s p -l profile -d 'Profile to use (repeatable in tail) [env: HIVELOG_PROFILE]' -r -f
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s o -l output -d 'Output format, such as json or ndjson (\'hivelog help formats\' lists them) [env: HIVELOG_OUTPUT] [default: human; tail in a pipe: ndjson]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''
prometheus\t''
html\t''
markdown\t''
mermaid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -l timezone -d 'Time zone of the times shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE] [default: local]' -r -f -a "local\t''
utc\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -l no-input -d 'Never prompt [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s q -l quiet -d 'Only print errors'
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s v -l verbose -d 'Print more detail'
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s h -l help -d 'Print help (with -h, only the most used options)'
