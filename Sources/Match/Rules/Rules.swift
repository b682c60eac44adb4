// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// Rule files are read in three steps. *YAML* turns a file's bytes into nodes that know where they stand.
// *Declaration* describes what each part of a file may hold, once, as data: the same declarations check keys,
// suggest the right spelling, fill the model and give the JSON Schema that editors use. *Loading* puts the files
// together, checks what spans them (ids, sources, plugins and their parameters) and gives one `RuleSet`.
//
// Every mistake of every file is reported in one pass, with its place; a set of rules comes out only when there
// is none. Reading is pure: files, plugins and kinds of sources are handed in.
