// SPDX-License-Identifier: Apache-2.0

// Theory of operation.
//
// An expression is read once, when rules are loaded, and evaluated for each event. Evaluation is a pure function
// of the expression and a `Scope`: the event, the environment and the outputs of earlier steps. It yields a
// value or an error that says what was missing; an error is never taken for a value.
//
// What is written between `${{` and `}}` is an expression; what lies around it is text. The result of a
// template is data and is never read as an expression or template again.
//
// This version knows paths (`event.data.name`, `event.data.items[0]`, `event.data["a key"]`).
