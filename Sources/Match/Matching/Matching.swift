// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// A pattern says which events are meant; its meaning is that of Amazon EventBridge's patterns as event-ruler
// implements them. Compiling turns a pattern into one or more conjunctions (each `$or` multiplies them); a
// conjunction maps dotted paths to the values that are allowed there.
//
// Matching walks an event once and notes, for each path that some pattern names, the leaves found there and the
// array elements that these lie in (`EventFields`, by the tree of paths in `PathTrie`). Each leaf brings up the few
// conjunctions that are filed under its value (`AnchorIndex`), and only these are looked at. A conjunction holds if each
// of its paths, taken in ascending order, has an allowed leaf such that no two chosen leaves lie in different elements
// of one array.
//
// Matching is a pure function of the patterns and the event; the verdict on one pattern never depends on
// another.
