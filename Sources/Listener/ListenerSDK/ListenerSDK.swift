// SPDX-License-Identifier: Apache-2.0

@_exported public import EventModel
@_exported public import PluginWire

// Theory of operation.
//
// A listener is a program that offers actions. `Listener.main()` says what there is (`hello`), then reads requests
// from standard input and answers on standard output, many at a time, in the order in which they end. An action
// is a `Decodable` type: its stored properties are the parameters, and the schema that rules are checked against
// is found by decoding the type from a decoder that takes notes.
//
// A listener may also make the states of aggregates (`Aggregate`). The host asks for that with a `run`, too, under an action
// that no rule can name: it sends the state so far, the events since and the command, so a listener remembers nothing.
//
// `ListenerSession` is that conversation without the process around it; `ListenerProcess` joins it to the
// standard streams, keeps `print` out of the conversation and ends the program when the host is gone.
//
//     import ListenerSDK
//
//     @main struct Greeter: Listener {
//       static let actions = [action("greet", Greet.self)]
//     }
//
//     struct Greet: Action {
//       let name: String
//
//       func run(_ context: ActionContext) async throws -> ActionResult {
//         .output("Hello, \(name)!")
//       }
//     }
