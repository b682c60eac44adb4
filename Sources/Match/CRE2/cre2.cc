// SPDX-License-Identifier: Apache-2.0

#include "cre2.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

struct earshot_regex {
  explicit earshot_regex(const re2::StringPiece &pattern, const RE2::Options &options) : re(pattern, options) {}
  RE2 re;
};

earshot_regex *earshot_regex_new(const char *pattern, size_t length, size_t memory, char *message, size_t capacity) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<int64_t>(memory));
  std::unique_ptr<earshot_regex> regex(
    new (std::nothrow) earshot_regex(re2::StringPiece(pattern, length), options));
  if (regex && regex->re.ok()) return regex.release();
  const char *reason = regex ? regex->re.error().c_str() : "there is no memory left";
  if (capacity > 0) {
    size_t count = std::min(capacity - 1, std::strlen(reason));
    std::memcpy(message, reason, count);
    message[count] = '\0';
  }
  return nullptr;
}

void earshot_regex_free(earshot_regex *regex) { delete regex; }

bool earshot_regex_matches(const earshot_regex *regex, const char *text, size_t length) {
  return regex->re.Match(re2::StringPiece(text, length), 0, length, RE2::UNANCHORED, nullptr, 0);
}

int earshot_regex_groups(const earshot_regex *regex) { return regex->re.NumberOfCapturingGroups(); }

bool earshot_regex_find(
  const earshot_regex *regex, const char *text, size_t length, size_t start, ptrdiff_t *offsets, int count) {
  std::vector<re2::StringPiece> groups(static_cast<size_t>(count));
  if (!regex->re.Match(re2::StringPiece(text, length), start, length, RE2::UNANCHORED, groups.data(), count))
    return false;
  for (int index = 0; index < count; index++) {
    const re2::StringPiece &group = groups[static_cast<size_t>(index)];
    offsets[2 * index] = group.data() ? group.data() - text : -1;
    offsets[2 * index + 1] = group.data() ? group.data() - text + static_cast<ptrdiff_t>(group.size()) : -1;
  }
  return true;
}
