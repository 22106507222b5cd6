#!/bin/sh
':' //; exec node --min-semi-space-size=64 --max-semi-space-size=64 --no-parallel-scavenge "$0" "$@"
/*
 * The command `exp`. A shell reads the second line, which starts this file again in Node with options; to Node the line
 * is a string and a comment. With 64 MB of room for young objects, a measurement seldom stops for milliseconds to
 * collect garbage. It does so in one thread, because others would wait for a CPU where the server uses all of them.
 * `node dist/cli/main.js` works as well.
 */
import '../dist/cli/main.js'
