// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK

/// A request to one place; a redirect makes another one of it.
struct Call: Sendable {
  var method: String
  var target: Target
  var fields: HeaderFields
  var body: [UInt8]?

  /// The request that a redirect asks for.
  ///
  /// Like elsewhere, only 307 and 308 keep a method that is not GET or HEAD. What proves who is asking stays with the
  /// host for which it was meant, and so does the scheme.
  func redirected(by status: Int, to location: String) throws -> Call {
    guard let url = URL(string: location, relativeTo: target.url)?.absoluteString else {
      throw ActionError.fail("\(target) redirects to what is no URL")
    }
    var next = self
    next.target = try Target(url)
    guard next.target.scheme == target.scheme else {
      throw ActionError.fail("\(target) redirects to another scheme, to \(next.target)")
    }
    if !next.target.isSameOrigin(as: target) { next.fields.removeCredentials() }
    if ![307, 308].contains(status), !["GET", "HEAD"].contains(method) {
      next.method = "GET"
      next.body = nil
      next.fields.remove("Content-Type")
    }
    return next
  }
}

/// Where a request goes.
struct Target: Sendable, CustomStringConvertible {
  let url: URL
  let scheme: String
  let host: String

  init(_ text: String) throws {
    guard let url = URL(string: text), let parts = URLComponents(url: url, resolvingAgainstBaseURL: true),
      let scheme = parts.scheme?.lowercased(), let host = parts.host, !host.isEmpty
    else {
      throw ActionError.fail("'\(text)' is no URL with a host")
    }
    guard ["http", "https"].contains(scheme) else {
      throw ActionError.fail("only http and https can be requested, not '\(scheme)'")
    }
    guard parts.user == nil, parts.password == nil else {
      throw ActionError.fail("a URL holds no user or password; give the header 'Authorization'")
    }
    (self.url, self.scheme, self.host) = (url, scheme, host.lowercased())
  }

  func isSameOrigin(as other: Target) -> Bool {
    (scheme, host, url.port) == (other.scheme, other.host, other.url.port)
  }

  /// The URL without its query, which may hold what is nobody's business.
  var description: String {
    "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "") + url.path
  }
}

/// The hosts to which requests may go.
struct AllowedHosts: Sendable {
  private let patterns: [String]?

  init(_ settings: JSONValue) throws {
    switch settings["allow_hosts"] {
    case nil: patterns = nil
    case .array(let listed)?:
      patterns = try listed.map { pattern in
        guard let pattern = pattern.string else { throw Self.malformed }
        return pattern.lowercased()
      }
    default: throw Self.malformed
    }
  }

  private static var malformed: ActionError { .fail("'allow_hosts' must be a list of host names") }

  func check(_ target: Target) throws {
    guard let patterns else { return }
    let isAllowed = patterns.contains { pattern in
      pattern.hasPrefix("*.") ? target.host.hasSuffix(pattern.dropFirst()) : target.host == pattern
    }
    guard isAllowed else { throw ActionError.fail("'\(target.host)' is not among the 'allow_hosts'") }
  }
}
