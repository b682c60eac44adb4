// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// An expression of the Common Expression Language (https://cel.dev, google/cel-spec) goes through four stages, each in
// a folder of its own. `Syntax` reads the text into a tree and expands macros. `Checking` finds the types of its parts,
// as far as they can be known before there is an event, and tells of everything that cannot be. `Compiling` turns the
// tree into a flat array of instructions. `Evaluating` runs these for an event. The first three happen once, when rules
// are loaded.
//
// Evaluation is a pure function of the expression and a `Scope`: the event, the environment and the outputs of earlier
// steps. It yields a value or an error that says what failed and where; an error is never taken for a value. An event
// stays the bytes that it came in: `event.data.name` finds a place in them by their tape, and a string that is only
// compared is never copied. Every evaluation has a budget, so that it ends soon whatever the event holds.
//
// `Functions` holds what can be called, one declaration for name, types and body. `Values` are what expressions work
// on; strings are compared by their bytes. Regular expressions are RE2's, which take linear time.
//
// What is written between `${{` and `}}` is an expression; what lies around it is text (`Templates`). The result of a
// template is data and is never read as an expression or template again.
//
// Protocol buffers are no part of this: events are JSON, so there are no messages and enumerations.
