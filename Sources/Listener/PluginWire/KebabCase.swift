// SPDX-License-Identifier: Apache-2.0

/// The spelling of plugin names: the type `OrderMail` is the plugin `order-mail`.
public enum KebabCase {
  /// The name of a type in kebab case.
  public static func name(of type: String) -> String {
    var result = ""
    for character in type {
      if character.isUppercase, !result.isEmpty { result.append("-") }
      result += character.lowercased()
    }
    return result
  }
}
