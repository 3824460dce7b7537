#!/usr/bin/env bash
# What the action runs: annotations go to the log, a summary to the page of the run, and SARIF to a
# file for code scanning. Everything that a workflow gives arrives in variables, never as text of
# this script.
set -euo pipefail

args=(--fail-on "$HIVELOG_ACTION_FAIL_ON" --report github)
[ -z "$HIVELOG_ACTION_EXPECT" ] || args+=(--expect "$HIVELOG_ACTION_EXPECT")
[ "$HIVELOG_ACTION_WHOLE" != true ] || args+=(--whole)
[ -z "$HIVELOG_ACTION_SARIF" ] || args+=(--report "sarif=$HIVELOG_ACTION_SARIF")
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || args+=(--report "markdown=$GITHUB_STEP_SUMMARY")

exec hivelog sandbox run "${args[@]}" -- bash -c "$HIVELOG_ACTION_COMMAND"
