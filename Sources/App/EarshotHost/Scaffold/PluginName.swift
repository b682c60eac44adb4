// SPDX-License-Identifier: Apache-2.0

import PluginWire

/// The name of a new plugin, in UpperCamelCase.
public struct PluginName: Sendable, Hashable {
  /// The name of its type and its folder.
  public let type: String
  /// The name by which rules call it.
  public var plugin: String { KebabCase.name(of: type) }
  /// The name of its target.
  public var module: String { "Listener" + type }
  /// The name of its program.
  public var executable: String { "earshot-listener-" + plugin }

  /// A name that will not do, and why.
  public struct Refusal: Error, Hashable, CustomStringConvertible {
    /// What is wrong with it, with a better one if there is one.
    public let description: String
  }

  /// What the code of a new plugin uses itself, or what would be the name of another module.
  private static let taken: Set = [
    "Action", "ActionContext", "ActionResult", "Greet", "Listener", "ListenerTest", "ListenerConformance",
    "String", "TestKit",
  ]

  /// Takes a name that is spelt as a type is.
  public init(_ text: String) throws(Refusal) {
    let better = Self.suggestion(for: text)
    guard text == better else {
      let help = better.map { "; '\($0)' would do" } ?? ""
      throw Refusal(description: "'\(text)' is no name in UpperCamelCase, such as OrderMail\(help)")
    }
    guard !Self.taken.contains(text) else {
      throw Refusal(description: "'\(text)' means something else already; '\(text)Plugin' would do")
    }
    type = text
  }

  /// The nearest name that has the right spelling.
  ///
  /// Each capital letter starts a word, so `HTTPMail` would become `h-t-t-p-mail`, which nobody wants.
  private static func suggestion(for text: String) -> String? {
    var result = ""
    var startsWord = true
    var previousIsCapital = false
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      guard character.isASCII, character.isLetter || character.isNumber else {
        (startsWord, previousIsCapital) = (true, false)
        continue
      }
      let nextIsSmall = index + 1 < characters.count && characters[index + 1].isLowercase
      let isCapital = startsWord || (character.isUppercase && (!previousIsCapital || nextIsSmall))
      result += isCapital ? character.uppercased() : character.lowercased()
      (startsWord, previousIsCapital) = (false, character.isUppercase)
    }
    return result.first?.isLetter == true ? result : nil
  }
}
