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

complete -c hivelog -n "__fish_hivelog_needs_command" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_needs_command" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_needs_command" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_needs_command" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_needs_command" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_needs_command" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_needs_command" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_needs_command" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_needs_command" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_needs_command" -s V -l version -d 'Print version'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "emit" -d 'Send event logs to SyncHive'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "validate" -d 'Find what is wrong with event logs before SyncHive does'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "codes" -d 'Search and list the glossary: codes, stages, outcomes, modes, sys events, rules'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "explain" -d 'Explain a code, stage, outcome, sys event type, rule or pasted error text'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "tail" -d 'Follow the sys events of an automation server'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "sandbox" -d 'Run SyncHive and the automation server on this machine'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "config" -d 'Write and show the settings'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "man" -d 'Print the manual page, or write all of them'
complete -c hivelog -n "__fish_hivelog_needs_command" -f -a "help" -d 'Print help on a subcommand or a topic'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand emit" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l schema -d 'What records are: auto, event-log or sys-event' -r -f -a "auto\t''
event-log\t''
sys-event\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l rule -d 'Set a rule\'s level: NAME=error, warning, hint or off (repeatable)' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l only -d 'Use only these rules' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l skip -d 'Leave out these rules' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l fail-on -d 'The level that makes the answer no: error, warning, hint or never' -r -f -a "error\t''
warning\t''
hint\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l max-findings -d 'Show at most so many findings' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l journey-key -d 'The fields that make a journey [default: integrationKey,correlationId,direction,stream]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l now -d 'The present moment, for a fixed clock' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l filter -d 'Print those records, byte for byte, and the findings on standard error: valid or invalid' -r -f -a "valid\t''
invalid\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l stdin-name -d 'What standard input is called in findings' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l fail-fast -d 'Stop at the first record that makes the answer no'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l all -d 'Show every finding instead of folding repeated ones'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l whole -d 'Each journey is complete in this input: say which never ended'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l allow-empty -d 'No record at all is fine'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand validate" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l level -d 'Only codes of this level: N, W, E, info, warning or error' -r -f -a "N\t''
W\t''
E\t''
info\t''
warning\t''
error\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l category -d 'Only codes about this: data, logic, filter, contact, exchange or internal' -r -f -a "data\t''
logic\t''
filter\t''
contact\t''
exchange\t''
internal\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "stages" -d 'The lifecycle stages and who may report them'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "outcomes" -d 'The outcomes'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "modes" -d 'The modes of operation'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "sys" -d 'The system events and the data they carry'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "rules" -d 'The rules that validate and emit apply'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "pick" -d 'The codes that fit a situation, best first, with reasons'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and not __fish_seen_subcommand_from stages outcomes modes sys rules pick export" -a "export" -d 'The glossary for use in other programs'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from stages" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from outcomes" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from modes" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from sys" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from rules" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l side -d 'Who was being talked to: synchive or external' -r -f -a "synchive\t''
external\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l http -d 'The HTTP status that came back' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l category -d 'Only codes about this: data, logic, filter, contact, exchange or internal' -r -f -a "data\t''
logic\t''
filter\t''
contact\t''
exchange\t''
internal\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l retrying -d 'The connector will try again: warnings only'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from pick" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l format -d 'What to write: json, csv, markdown, typescript, rust, java or json-schema' -r -f -a "json\t''
csv\t''
markdown\t''
typescript\t''
rust\t''
java\t''
json-schema\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand codes; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand explain" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand tail" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand sandbox" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -f -a "init" -d 'Write a profile by asking'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -f -a "show" -d 'Show the settings that are in force'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and not __fish_seen_subcommand_from init show path" -f -a "path" -d 'Print where the profile file is'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Say where each value came from'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand completions" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l dir -d 'Write a page for every subcommand into this folder instead' -r -F
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand man" -s h -l help -d 'Print help'
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s p -l profile -d 'Profile to use [env: HIVELOG_PROFILE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -l config -d 'Profile file to use, or \'none\' [env: HIVELOG_CONFIG]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s o -l output -d 'Output format: human, table, json, ndjson, csv, logfmt or cloudevents, where each makes sense [env: HIVELOG_OUTPUT]' -r -f -a "human\t''
table\t''
json\t''
ndjson\t''
csv\t''
logfmt\t''
cloudevents\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -l color -d 'When to use colour: auto, always or never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -l timezone -d 'Zone in which times are shown: local, utc or an offset such as +12:00 [env: HIVELOG_TIMEZONE]' -r
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -l no-input -d 'Never ask anything [env: HIVELOG_NO_INPUT, CI]'
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s q -l quiet -d 'Say only what went wrong'
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s v -l verbose -d 'Say more about what goes on'
complete -c hivelog -n "__fish_hivelog_using_subcommand help" -s h -l help -d 'Print help'
