#!/bin/sh
':' //; exec node --min-semi-space-size=64 --max-semi-space-size=64 "$0" "$@"
/*
 * The command `exp`. A shell reads the second line, which starts this file again in Node with options; to Node the line
 * is a string and a comment. With 64 MB of room for young objects, a measurement seldom stops for milliseconds to
 * collect garbage. A run with the default of 16 MB works as well: `node dist/cli/main.js`.
 */
import '../dist/cli/main.js'
