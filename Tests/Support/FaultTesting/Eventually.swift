// SPDX-License-Identifier: Apache-2.0

/// Returns once a condition holds, or false when it does not for so long.
///
/// For what nobody tells of, such as the end of a process that is not a child.
public func eventually(
  within limit: Duration = .seconds(60),
  _ condition: () async throws -> Bool
) async throws -> Bool {
  let end = ContinuousClock.now + limit
  while try await !condition() {
    guard ContinuousClock.now < end else { return false }
    try await Task.sleep(for: .milliseconds(2))
  }
  return true
}
