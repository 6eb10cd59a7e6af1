// What the commands share that sign something for others and write it to a
// file: certificates and tokens.
#pragma once

#include "runtime/config/credential_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/passphrase_options.hpp"

#include <string>
#include <string_view>

namespace artel::tools {

/// --key, --expires, --out and --force.
std::vector<option_info> issue_options(const std::string& key_help,
                                       std::string_view usual_expiry,
                                       const std::string& out_help);

/// From now, for as long as --expires says.
template <class T>
result<void> set_times(T& item, const arguments& given,
                       std::string_view usual_expiry) {
  item.issued = wall_now();
  auto expires = expiry_of(given, usual_expiry, item.issued);
  if (!expires)
    return expires.error();
  item.expires = *expires;
  return {};
}

template <class T>
struct issuance {
  /// All but the signature, from what is given.
  result<T> (*make)(const arguments& given);
  /// What to do where there is no key.
  std::string_view how_to_make_key;
  /// Whether this key may sign it.
  result<void> (*check)(const T& item, const key_pair& key);
  /// What was signed, for whom and until when.
  std::string (*tell)(const T& item);
};

/// Makes, signs, writes and tells.
template <class T>
exit_code issue(const arguments& given, const issuance<T>& how) {
  auto out = required(given, "out");
  if (!out)
    return refuse(out.error());
  auto item = how.make(given);
  if (!item)
    return refuse(item.error());
  auto key = signing_key_of(given, "key", how.how_to_make_key);
  if (!key)
    return refuse_key(key.error());
  auto done = how.check(*item, *key);
  if (done) {
    sign_certificate(*item, *key);
    done = runtime::write_credential(*out, *item, given.has("force"));
  }
  if (!done)
    return refuse(done.error());
  tell(how.tell(*item) + ": '" + *out + "'");
  return exit_code::done;
}

} // namespace artel::tools
